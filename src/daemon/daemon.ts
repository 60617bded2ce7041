import { labellerOf } from '../config/guest-labels.ts';
import { balloonMinFor } from '../config/guest-pattern.ts';
import type { Config } from '../config/model.ts';
import type { Host } from '../ports/host.ts';
import type { Hypervisor } from '../ports/hypervisor.ts';
import type { Labeller } from '../model/labels.ts';
import type { Props } from '../model/snapshot.ts';
import { GUEST_PROPS } from '../model/vocabulary.ts';
import type { Controller } from '../plugin/controller.ts';
import { settingsFor } from '../plugin/settings.ts';
import type { Program } from '../policy/index.ts';
import { apply, dryRun, effectsOf, type Effects } from '../engine/apply.ts';
import { SnapshotTaker } from '../engine/collect.ts';
import { Decider } from '../engine/decider.ts';
import { runInterval, type IntervalReport } from '../engine/interval.ts';
import { runLoop } from '../engine/loop.ts';
import { RecordingWriter } from '../recording/writer.ts';
import { EventLog } from '../observe/event-log.ts';
import { Narrator, positionText, type LoggerOf } from '../observe/interval-log.ts';
import { FollowedParameters } from '../parameters/follow-file.ts';
import type { Parameters as PolicyParameters } from '../parameters/parameters.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { waitAtMost } from '../support/deadline.ts';

export interface World {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
  /** Resolves after that time or when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly hostProps: Props;
}

/** What can be exchanged while the daemon runs. */
export interface Orders {
  readonly config: Config;
  /** null: only collect and record. */
  readonly program: Program | null;
  /** What is set for the program's parameters. Absent: nothing. */
  readonly parameters?: PolicyParameters;
}

export interface StopSignals {
  /** Finish the interval that is under way, then leave. */
  readonly stop: AbortSignal;
  /** Give up what is still under way. Comes some time after `stop`. */
  readonly interrupt: AbortSignal;
}

/** Longest time for putting everything back when the daemon leaves, milliseconds. */
const RESTORE_TIMEOUT_MS = 1500;

/** The whole daemon but its signals and its command line. */
export class Daemon {
  readonly #world: World;
  readonly #log: LoggerOf;
  readonly #narrator: Narrator;
  readonly #events: EventLog;
  readonly #taker: SnapshotTaker;
  readonly #effects: ReadonlyMap<Controller, ReturnType<Controller['create']>>;
  readonly #decider: Decider;
  readonly #parameters: FollowedParameters;
  #counts = { intervals: 0, evaluations: 0 };
  #orders: Orders;
  #labels: Labeller;
  #writer: RecordingWriter | null;
  #nextOrders: Orders | null = null;
  /** Aborted when orders with other intervals have come. */
  #newRhythm = new AbortController();
  #lastReport: IntervalReport | null = null;

  constructor(orders: Orders, plugins: Plugins, world: World, log: LoggerOf) {
    this.#orders = orders;
    this.#world = world;
    this.#log = log;
    this.#narrator = new Narrator(log);
    this.#events = new EventLog(log);
    const { config } = orders;
    this.#labels = labellerOf(config.guestLabels);
    const { host, hypervisor, now } = world;
    this.#taker = new SnapshotTaker(
      plugins.collectors,
      hypervisor,
      { host, now, balloonMinKib: (name) => balloonMinFor(this.#orders.config.balloonMin, name) },
      {
        timeoutMs: config.collectTimeoutMs,
        settings: () => this.#orders.config.pluginSettings,
        labels: (name, own) => this.#labels(name, own),
      },
    );
    this.#effects = new Map(
      plugins.controllers.map((controller) => [
        controller,
        controller.create({
          host,
          hypervisor,
          callTimeoutMs: config.libvirt.callTimeoutMs,
          settings: () => settingsFor(controller, this.#orders.config.pluginSettings),
        }),
      ]),
    );
    this.#decider = new Decider(orders.program, {
      historyLength: config.history,
      hostLayout: this.#taker.hostLayout,
      guestLayout: this.#taker.guestLayout,
      hostProps: world.hostProps,
      planners: plugins,
      settings: config.pluginSettings,
      evaluate: this.#evaluateOptions(),
    });
    const policyLog = log('policy');
    this.#parameters = new FollowedParameters(orders.parameters ?? null, {
      tell: (level, message, fields) => policyLog[level](fields, message),
      sleep: world.sleep,
    });
    this.#writer = this.#openWriter(null);
    hypervisor.onEvent((event) => this.#events.tellHypervisor(event));
  }

  /**
   * Takes new orders with the next interval. That comes when it is due, however often there are new orders: guests must have
   * had the time to report what became of the last decision. New interval lengths count at once.
   */
  reload(orders: Orders): void {
    this.#nextOrders = orders;
    if (rhythmOf(orders.config) !== rhythmOf(this.#orders.config)) this.#newRhythm.abort();
  }

  /** What was done since the start. Not by guest: a daemon sees more of them in a year than it should remember. */
  get counts(): { readonly intervals: number; readonly evaluations: number } {
    return this.#counts;
  }

  /** Whether the last interval did all that it was there for: the guests were read, the policy had no error, nothing was refused. */
  get lastWasWhole(): boolean {
    const report = this.#lastReport;
    return (
      report !== null &&
      report.snapshot.problems.every(({ guest }) => guest !== null) &&
      (report.judgement?.decision.errors ?? []).length === 0 &&
      report.outcomes.every(({ status }) => status !== 'refused' && status !== 'failed')
    );
  }

  /** Runs until told to stop; with `once`, a single interval. */
  async run(signals: StopSignals, once: boolean): Promise<void> {
    try {
      await this.#work(signals, once);
    } finally {
      // Also when a defect ends it: what holds for as long as Ballast runs ends with it, and so does the process.
      await this.#leave();
    }
  }

  async #work(signals: StopSignals, once: boolean): Promise<void> {
    const { hypervisor, clock, sleep } = this.#world;
    // A libvirtd that takes the connection and says nothing must not keep anybody who asked to leave.
    await waitAtMost(hypervisor.start(), { signal: signals.stop });
    while (!signals.stop.aborted) {
      this.#newRhythm = new AbortController();
      await this.#adopt();
      const { collectIntervalMs, policyIntervalMs } = this.#orders.config;
      const ends = new AbortController();
      const until = AbortSignal.any([signals.stop, this.#newRhythm.signal, ends.signal]);
      const interval = async (policyIsDue: boolean) => {
        await this.#adopt();
        await this.#interval(policyIsDue, signals.interrupt);
        if (once) ends.abort();
      };
      const onSkipped = (count: number) => {
        this.#log('engine').warn({ skipped: count }, `The last interval took too long: ${count} skipped`);
      };
      await runLoop({ collectIntervalMs, policyIntervalMs, clock, sleep, interval, onSkipped }, until);
      if (once && this.#lastReport !== null) break;
    }
  }

  async #adopt(): Promise<void> {
    const orders = this.#nextOrders;
    if (orders === null) return;
    this.#nextOrders = null;
    const { config: before } = this.#orders;
    this.#orders = orders;
    this.#labels = labellerOf(orders.config.guestLabels);
    this.#decider.replace(orders.program, orders.config.pluginSettings, this.#evaluateOptions());
    this.#parameters.replace(orders.parameters ?? null);
    // The intervals stand in the header of a recording.
    const shown = (config: Config) => JSON.stringify([config.record, rhythmOf(config)]);
    if (shown(before) !== shown(orders.config)) {
      await this.#writer?.close();
      this.#writer = this.#openWriter(this.#writer);
    }
  }

  async #interval(policyIsDue: boolean, interrupt: AbortSignal): Promise<void> {
    const { config } = this.#orders;
    const memoryBefore = this.#decider.memory;
    if (policyIsDue) await this.#parameters.look();
    const { resolver, overrides } = this.#parameters;
    this.#decider.setParams(resolver);
    const effects = this.#writes();
    const report = await runInterval(
      {
        take: (signal) => this.#taker.take(signal),
        decider: this.#decider,
        apply: async (actions, signal) => (config.dryRun ? dryRun(actions) : apply(actions, effects, signal)),
        observe: (input) => {
          for (const effect of this.#effects.values()) effect.observe(input);
        },
        clock: this.#world.clock,
      },
      policyIsDue && this.#orders.program !== null,
      interrupt,
    );
    this.#lastReport = report;
    this.#narrator.tell(report);
    this.#counts.intervals += 1;
    if (report.judgement !== null) this.#counts.evaluations += 1;
    await this.#writer?.write(recorded(report), memoryBefore, overrides);
  }

  async #leave(): Promise<void> {
    const { config } = this.#orders;
    try {
      if (config.shutdown === 'restore' && !config.dryRun) await this.#restore();
    } finally {
      await this.#writer?.close();
      await this.#world.hypervisor.close();
    }
  }

  async #restore(): Promise<void> {
    const actions = [...this.#effects.values()].flatMap((effect) => effect.restore());
    const outcomes = await apply(actions, this.#writes(), AbortSignal.timeout(RESTORE_TIMEOUT_MS));
    this.#narrator.tellOutcomes(outcomes);
    const undone = outcomes.filter(({ status }) => status !== 'done' && status !== 'gone').length;
    this.#log('engine')[undone === 0 ? 'info' : 'error'](
      { restored: outcomes.length - undone, undone },
      undone === 0
        ? 'Everything is back to what it was at start'
        : `${undone} of ${outcomes.length} could not be put back`,
    );
  }

  /** The limit is twice that of one call: a controller may have to ask what became of its write. */
  #writes(): Effects {
    return effectsOf(this.#effects, 2 * this.#orders.config.libvirt.callTimeoutMs);
  }

  #evaluateOptions() {
    return {
      onError: this.#orders.config.policy.onError,
      clock: this.#world.clock,
      debug: (text: string, position: Parameters<typeof positionText>[0]) => {
        this.#log('policy').info({ position: positionText(position) }, text);
      },
    };
  }

  #openWriter(before: RecordingWriter | null): RecordingWriter | null {
    const { record, collectIntervalMs, policyIntervalMs, history } = this.#orders.config;
    if (record === null) return null;
    const header = {
      ballast_recording: 1 as const,
      host_props: { ...this.#world.hostProps },
      collect_interval_ms: collectIntervalMs,
      policy_interval_ms: this.#orders.program === null ? null : policyIntervalMs,
      history,
      host_fields: [...this.#taker.hostLayout.names],
      guest_fields: [...this.#taker.guestLayout.names],
      guest_props: GUEST_PROPS.filter((prop) => prop !== 'name' && prop !== 'uuid'),
    };
    const options = {
      path: record.path,
      rotateBytes: record.rotateBytes,
      rotateMs: record.rotateMs,
      keep: record.keep,
      header,
    };
    return new RecordingWriter(options, (event) => this.#events.tellRecording(event), before);
  }
}

function rhythmOf({ collectIntervalMs, policyIntervalMs }: Config): string {
  return `${collectIntervalMs} ${policyIntervalMs}`;
}

function recorded({ snapshot, judgement, outcomes }: IntervalReport) {
  const policy =
    judgement === null
      ? null
      : {
          requests: judgement.decision.requests,
          errors: judgement.decision.errors,
          held: judgement.plan.held,
          outcomes,
        };
  return { snapshot, context: false, policy };
}
