import { Writable } from 'node:stream';
import { dryRun } from '../engine/apply.ts';
import { runInterval } from '../engine/interval.ts';
import { runLoop } from '../engine/loop.ts';
import { Writes } from '../daemon/writes.ts';
import type { Config } from '../config/model.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { RecordedRun } from '../observe/interval-recorder.ts';
import { toStream } from '../observe/log/destination.ts';
import { createLogger } from '../observe/log/logger.ts';
import { FollowedParameters } from '../parameters/follow-file.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { Plugins } from '../plugin/plugins.ts';
import type { Program } from '../policy/index.ts';
import { Oracle } from '../simulation/bound/oracle.ts';
import { DirectTaker } from '../simulation/collect/taker.ts';
import { VirtualClock } from '../simulation/clock.ts';
import { Measure, type Measured } from '../simulation/measure.ts';
import { simulatedHypervisor } from '../simulation/ports/hypervisor.ts';
import { kernelFiles } from '../simulation/ports/kernel-files.ts';
import type { Scenario } from '../simulation/scenario/model.ts';
import { World } from '../simulation/world.ts';
import { buildParts } from './daemon.ts';
import { usualPlugins } from './plugins.ts';

/** What is simulated, and what steers it. */
export interface Simulated {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly config: Config;
  readonly plugins: Plugins;
  /** null: nothing is decided, and no guard acts. */
  readonly program: Program | null;
  readonly parameters: Parameters | null;
  /** Without a program: whether an oracle steers the guests. */
  readonly knowsFuture?: boolean;
  /** Whether the result has a series of each guest. */
  readonly guestSeries?: boolean;
}

export interface SimulationResult extends Measured {
  /** How much of the scenario was simulated, seconds: less than its duration when it was stopped. */
  readonly simulatedS: number;
}

/** A host of a scenario, with the parts of a daemon that steers it on virtual time. */
export class Simulation {
  readonly world: World;
  readonly #measure: Measure;
  readonly #of: Simulated;
  readonly #oracle: Oracle | null;
  readonly #clock = new VirtualClock();
  readonly #interval: (policyIsDue: boolean, signal: AbortSignal) => Promise<IntervalReport>;
  /** What the header of a recording says. */
  readonly recordedRun: RecordedRun;

  constructor(of: Simulated) {
    this.#of = of;
    this.world = new World(of.scenario, of.seed);
    this.#measure = new Measure(this.world, { guestSeries: of.guestSeries === true });
    const intervalS = Math.ceil(of.config.collectIntervalMs / 1000);
    this.#oracle = of.knowsFuture === true ? new Oracle(of.scenario, of.seed, intervalS) : null;
    const { parts, environment, take } = this.#build();
    this.recordedRun = {
      hostProps: environment.hostProps,
      hostLayout: parts.taker.hostLayout,
      guestLayout: parts.taker.guestLayout,
      keptSnapshots: parts.configuration.keptSnapshots,
      hasPolicy: of.program !== null,
    };
    const clock = this.#clock;
    const { config, program } = of;
    const log = silent();
    const parameters = new FollowedParameters(of.parameters, { log: () => undefined, sleep: clock.sleep });
    parts.decider.setParams(parameters.resolver);
    const effects = parts.controllers.effects(config.libvirt.callTimeoutMs, async () => null);
    const writes = new Writes({ taker: parts.taker, decider: parts.decider, clock, log });
    this.#interval = async (policyIsDue, signal) =>
      runInterval(
        {
          take,
          decider: parts.decider,
          overrides: parameters.overrides,
          apply: async (actions, aborted, moment) =>
            config.dryRun ? dryRun(actions) : writes.apply(actions, effects, moment, config, aborted),
          clock,
        },
        policyIsDue && program !== null,
        signal,
      );
  }

  /**
   * Simulates the scenario, or what of it comes before `stop`.
   * @param onInterval called after each interval
   */
  async run(
    stop: AbortSignal,
    onInterval: (report: IntervalReport, nowS: number) => Promise<void> | void = () => undefined,
  ): Promise<SimulationResult> {
    const { scenario, config } = this.#of;
    const finished = new AbortController();
    const until = AbortSignal.any([stop, finished.signal]);
    await runLoop(
      {
        ...{ collectIntervalMs: config.collectIntervalMs, policyIntervalMs: config.policyIntervalMs },
        clock: this.#clock,
        onSkipped: () => undefined,
        interval: async (policyIsDue) => {
          this.#advanceTo(Math.min(scenario.durationS, Math.floor(this.#clock.monotonic() / 1000)));
          const report = await this.#interval(policyIsDue, until);
          this.#measure.balloonMoves += movesIn(report) + (this.#oracle?.steer(this.world) ?? 0);
          await onInterval(report, this.world.nowS);
          if (this.world.nowS >= scenario.durationS) finished.abort();
        },
      },
      until,
    );
    return { ...this.#measure.result(), simulatedS: this.world.nowS };
  }

  #advanceTo(nowS: number): void {
    while (this.world.nowS < nowS) {
      this.world.step();
      this.#measure.add();
    }
  }

  #build() {
    const { config, program, parameters, plugins } = this.#of;
    const { world } = this;
    const environment = {
      host: kernelFiles(world),
      hypervisor: simulatedHypervisor(world),
      clock: this.#clock,
      hostProps: { name: 'simulated' },
    };
    const first = { config, program, ...(parameters !== null && { parameters }) };
    // Without a policy no guard acts, so none needs to look.
    const used = program === null ? { ...plugins, guards: [] } : plugins;
    const parts = buildParts(first, used, environment, silent());
    const { decider } = parts;
    const known = {
      verdicts: (uuid: string) => decider.verdicts(uuid),
      writes: (uuid: string, nowMs: number) => decider.writes.fields(uuid, nowMs),
    };
    const direct = new DirectTaker(world, parts.taker, known, this.#clock.now);
    const taker = areUsual(plugins) ? direct : parts.taker;
    const take = (signal: AbortSignal) => taker.take(signal);
    return { parts, environment, take };
  }
}

/** Site collectors, and those that a config must list, may look at anything: they read the simulated files. */
function areUsual({ collectors }: Plugins): boolean {
  const usual = new Set(usualPlugins().collectors);
  return collectors.every((collector) => usual.has(collector));
}

function movesIn({ outcomes }: IntervalReport): number {
  return outcomes.filter(({ action, status }) => action.guest !== null && status === 'done').length;
}

function silent() {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return createLogger({ level: 'error', format: 'json', destination: toStream(nowhere) }).of;
}
