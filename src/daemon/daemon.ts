import { apply, dryRun } from '../engine/apply.ts';
import type { SnapshotTaker } from '../engine/collect.ts';
import type { Decider } from '../engine/decider.ts';
import { runInterval, type DecisionMoment } from '../engine/interval.ts';
import { runLoop } from '../engine/loop.ts';
import type { Config } from '../config/model.ts';
import type { Action, Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import { unreadGuests } from '../model/unread-guests.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { Observers } from '../observe/observers.ts';
import type { ActiveConfiguration, DaemonConfig } from './configuration.ts';
import type { ActiveControllers } from './controllers.ts';
import type { Environment } from './environment.ts';
import { evaluateOptions } from './evaluate-options.ts';
import type { FollowedParameters } from '../parameters/follow-file.ts';
import { waitAtMost } from '../support/deadline.ts';
import type { FoundState } from './found-state.ts';
import { leave, type View } from './leave.ts';
import { releaseNow, type Release } from './release-now.ts';
import { belowMaximum } from './sizes.ts';
import type { Pauses } from './pauses.ts';
import type { ReservationFile } from './reservations.ts';
import type { SavedStatistics } from './saved-statistics.ts';
import type { PolicyInterval, Shadow } from './shadow.ts';
import type { StopFile } from './stop-file.ts';
import { succeeded } from './succeeded.ts';
import { Writes } from './writes.ts';

/** The components of a daemon, built by `compose`. */
export interface DaemonParts {
  readonly environment: Environment;
  readonly configuration: ActiveConfiguration;
  readonly taker: SnapshotTaker;
  readonly decider: Decider;
  readonly shadow: Shadow;
  readonly controllers: ActiveControllers;
  readonly parameters: FollowedParameters;
  readonly found: FoundState;
  readonly statistics: SavedStatistics;
  readonly stopFile: StopFile;
  readonly pauses: Pauses;
  readonly reservations: ReservationFile;
  readonly observers: Observers;
  readonly log: LoggerOf;
}

export interface StopSignals {
  /** Finish the current interval, then exit. */
  readonly stop: AbortSignal;
  /** Abort pending work. Follows some time after `stop`. */
  readonly interrupt: AbortSignal;
}

/** Runs intervals, adopts new configurations and shuts down cleanly. Signals and the command line are handled elsewhere. */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #writes: Writes;
  readonly #counts = { intervals: 0, evaluations: 0 };
  /** Aborted by a reload that changes the interval lengths. */
  #intervalsChanged = new AbortController();
  #lastIntervalSucceeded = false;
  /** The statistics of the last interval that had any. */
  #last: { readonly input: PolicyInput; readonly takenMs: number } | null = null;
  #hasSaidSizes = false;
  /** Writes of releases that no interval has reported yet. */
  readonly #released: Outcome[] = [];
  /** Intervals and what is asked for between them follow each other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** null: it does not run, or ends. */
  #stop: AbortSignal | null = null;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    const { taker, decider, environment, log } = parts;
    this.#writes = new Writes({ taker, decider, clock: environment.clock, log });
  }

  /**
   * Adopts a new configuration with the next interval. Reloads do not bring that interval forward: guests need time to
   * report the effect of the last decision. New interval lengths take effect immediately.
   */
  reload(next: DaemonConfig): void {
    const { configuration } = this.#parts;
    configuration.setNext(next);
    if (!haveSameIntervals(next.config, configuration.config)) this.#intervalsChanged.abort();
  }

  /** Brings the next interval forward to now, or to the end of the running one; the policies are evaluated in it. */
  evaluateNow(): void {
    this.#intervalsChanged.abort();
  }

  /** Totals since the start. Not per guest: over a year, that would grow too large. */
  get counts(): { readonly intervals: number; readonly evaluations: number } {
    return this.#counts;
  }

  /** Whether the last interval read the guests, without a policy error or a failed or refused action. */
  get lastIntervalSucceeded(): boolean {
    return this.#lastIntervalSucceeded;
  }

  /**
   * Gives guests back what their balloons took, between two intervals and judged on the statistics of the last one: statistics of its
   * own would be in the history that policies see, and in no recording.
   * @throws OperatorError when nothing can be given back now
   */
  release(uuids: ReadonlySet<string>, how: { readonly dryRun: boolean; readonly reason: string }): Promise<Release> {
    return this.#inTurn(async () => {
      const released = await releaseNow(uuids, this.#last, {
        ...{ parts: this.#parts, stop: this.#stop, ...how },
        apply: (actions, signal, moment) => this.#apply(actions, signal, moment),
      });
      if (!how.dryRun) this.#released.push(...released.outcomes);
      return released;
    });
  }

  /** Runs until `stop` is aborted; with `once`, a single interval. */
  async run(signals: StopSignals, once: boolean): Promise<void> {
    this.#stop = signals.stop;
    try {
      await this.#runIntervals(signals, once);
    } finally {
      // After a bug, too: temporary changes must be undone before the process exits.
      this.#stop = null;
      await this.#inTurn(() => this.#shutDown());
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #runIntervals(signals: StopSignals, once: boolean): Promise<void> {
    const { environment, configuration, log } = this.#parts;
    const { hypervisor, clock } = environment;
    this.#parts.shadow.adopt();
    await this.#parts.found.adopt();
    await this.#parts.pauses.adopt();
    // A libvirtd that accepts the connection and never replies must not delay the exit.
    await waitAtMost(hypervisor.start(), { signal: signals.stop });
    while (!signals.stop.aborted) {
      this.#intervalsChanged = new AbortController();
      await this.#adoptNextConfiguration();
      const { collectIntervalMs, policyIntervalMs } = configuration.config;
      const finished = new AbortController();
      const until = AbortSignal.any([signals.stop, this.#intervalsChanged.signal, finished.signal]);
      const interval = async (policyIsDue: boolean) => {
        await this.#adoptNextConfiguration();
        await this.#inTurn(() => this.#runInterval(policyIsDue, signals.interrupt, once));
        if (once) finished.abort();
      };
      const onSkipped = (count: number) => {
        log('engine').warn({ skipped: count }, `The last interval took too long: ${count} skipped`);
        this.#parts.observers.skipped(count);
      };
      await runLoop({ collectIntervalMs, policyIntervalMs, clock, interval, onSkipped }, until);
      if (once && this.#counts.intervals > 0) break;
    }
  }

  async #adoptNextConfiguration(): Promise<void> {
    const { environment, configuration, decider, shadow, parameters, observers, log } = this.#parts;
    const { parameters: before } = configuration;
    if (!configuration.adoptNext()) return;
    const { config, program, keptSnapshots } = configuration;
    const evaluate = evaluateOptions(config, environment.clock, log);
    decider.replace(program, { settings: config.pluginSettings, evaluate, keptSnapshots });
    // The followed file is newer than what another change of the configuration has carried along.
    if (configuration.parameters !== before) parameters.replace(configuration.parameters);
    shadow.adopt();
    await observers.reconfigure(config, keptSnapshots, program?.files ?? [], configuration.shadow?.program.files ?? []);
  }

  async #runInterval(policyIsDue: boolean, interrupt: AbortSignal, once: boolean): Promise<void> {
    const { environment, configuration, taker, decider, shadow, parameters, observers } = this.#parts;
    const nextMs = once ? Infinity : environment.clock.monotonic() + configuration.config.collectIntervalMs;
    let whyNot: PolicyInterval['whyNot'] = null;
    if (policyIsDue) await parameters.check();
    decider.setParams(parameters.resolver);
    decider.reserve(await this.#parts.reservations.read());
    await this.#parts.statistics.adopt();
    const report = await runInterval(
      {
        take: (signal) => taker.take(signal),
        decider,
        overrides: parameters.overrides,
        apply: (actions, signal, moment) => this.#apply(actions, signal, moment),
        observe: (input) => this.#observe(input),
        holdBack: async () => (whyNot = await this.#holdBack()),
        clock: environment.clock,
      },
      policyIsDue && configuration.program !== null,
      interrupt,
    );
    this.#lastIntervalSucceeded = succeeded(report);
    this.#counts.intervals += 1;
    if (report.judgement?.evaluated === true) this.#counts.evaluations += 1;
    await observers.observe(this.#released.length === 0 ? report : { ...report, released: this.#released.splice(0) });
    const compared = await shadow.observe({ report, policyIsDue, whyNot, nextMs });
    if (compared !== null) await observers.compared(compared);
    this.#parts.statistics.saveIfDue();
  }

  async #holdBack(): Promise<(action: Action) => string | null> {
    const { configuration, stopFile, pauses } = this.#parts;
    const { dryRun } = configuration.config;
    // A dry run shows what would be written without the file; the status names the file, for when the dry run ends.
    const stopped = await stopFile.reason(dryRun);
    pauses.endDue();
    return (action) => (dryRun ? null : stopped) ?? pauses.reason(action);
  }

  async #observe(input: PolicyInput): Promise<void> {
    const { environment, configuration, controllers, found, log } = this.#parts;
    this.#last = { input, takenMs: environment.clock.monotonic() };
    await found.observe(controllers.values(input), input);
    if (this.#hasSaidSizes || input.guests.length === 0) return;
    this.#hasSaidSizes = true;
    const below = belowMaximum(controllers, input, found.values);
    if (below !== null && configuration.program !== null) log('engine').info(`Found at the start: ${below}`);
  }

  /** @param moment of an interval; null: the exit, which judges on fresh statistics by itself */
  async #apply(
    actions: readonly Action[],
    signal: AbortSignal,
    moment: DecisionMoment | null,
  ): Promise<readonly Outcome[]> {
    const { configuration, controllers, found, stopFile, pauses } = this.#parts;
    const { config } = configuration;
    if (config.dryRun) return dryRun(actions);
    const effects = controllers.effects(config.libvirt.callTimeoutMs, async (action) => {
      return (await stopFile.reason()) ?? pauses.reason(action);
    });
    const outcomes =
      moment === null
        ? await apply(actions, effects, signal)
        : await this.#writes.apply(actions, effects, moment, config, signal);
    found.values.written(outcomes);
    return outcomes;
  }

  /** Reads everything once more; if that takes too long, the last interval must do, unless it is old. */
  async #look(signal: AbortSignal): Promise<View> {
    const { environment, configuration, taker, decider, controllers, found } = this.#parts;
    const { problems, ...snapshot } = await taker.take(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
    const hasGuests = unreadGuests(problems) === undefined;
    const last = this.#last;
    const isOld =
      last === null || environment.clock.monotonic() - last.takenMs > 2 * configuration.config.collectIntervalMs;
    if (snapshot.host === null) return { input: isOld ? null : last.input, problems, isFresh: false };
    const input = decider.observe({ problems, ...snapshot })!;
    if (!hasGuests && !isOld) return { input: { ...input, guests: last.input.guests }, problems, isFresh: true };
    found.values.observe(controllers.values(input), input);
    return { input, problems, isFresh: true };
  }

  async #shutDown(): Promise<void> {
    const { environment, configuration, decider, shadow, observers } = this.#parts;
    const { config } = configuration;
    try {
      shadow.end();
      if (!config.dryRun)
        await leave(config.shutdown, {
          ...this.#parts,
          look: (signal) => this.#look(signal),
          last: () => this.#last?.input ?? null,
          pause: (signal) => environment.clock.sleep(PAUSE_MS, signal),
          plan: (requests, input) => decider.plan({ requests }, input),
          apply: async (actions, signal) => {
            const outcomes = await this.#apply(actions, signal, null);
            decider.learn(outcomes);
            return outcomes;
          },
        });
    } finally {
      await observers.close();
      await this.#parts.pauses.close();
      await this.#parts.statistics.close();
      await environment.hypervisor.close();
    }
  }
}

/** Time between two readings while balloons move at exit, milliseconds. */
const PAUSE_MS = 100;

/** Time for reading everything once more at exit, milliseconds. */
const LOOK_MS = 700;

function haveSameIntervals(one: Config, other: Config): boolean {
  return one.collectIntervalMs === other.collectIntervalMs && one.policyIntervalMs === other.policyIntervalMs;
}
