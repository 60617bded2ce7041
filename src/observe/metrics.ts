import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import { countsOf, shadowCountsOf } from '../metrics/counts.ts';
import { Endpoint } from '../metrics/endpoint.ts';
import type { DaemonState } from '../metrics/gauges.ts';
import { addressText, type ListenAddress } from '../support/listen-address.ts';
import { MetricsRegistry } from '../metrics/registry.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { ShadowInterval } from '../model/shadow.ts';
import type { HypervisorEvent } from '../ports/hypervisor.ts';
import type { RecordingEvent } from '../recording/writer.ts';
import { MetricsPage } from './metrics-page.ts';
import type { IntervalObserver, PolicyText } from './observer.ts';

export interface MetricsOptions extends Pick<DaemonState, 'layouts' | 'build'> {
  readonly policies: readonly PolicyText[];
  /** The files of the shadow. Absent: there is none. */
  readonly shadow?: readonly PolicyText[];
}

type Settings = Pick<Config, 'metrics' | 'dryRun' | 'collectIntervalMs' | 'policyIntervalMs'>;

/**
 * The metrics for Prometheus: it counts what happens and serves it where the config says. Without an address, intervals are not
 * counted, and cost nothing. An address that cannot be used is tried again with each interval.
 */
export class MetricsObserver implements IntervalObserver {
  readonly name = 'metrics';
  readonly #options: MetricsOptions;
  readonly #log: Logger;
  readonly #registry = new MetricsRegistry();
  readonly #page: MetricsPage;
  #config: Settings;
  #policies: DaemonState['policies'];
  #shadow: DaemonState['shadow'];
  #connected = false;
  #recordingFails = false;
  #last: IntervalReport | null = null;
  #lastEvaluated: DaemonState['lastEvaluated'] = null;
  #endpoint: { readonly address: string; readonly open: Endpoint } | null = null;
  #loggedProblem: string | null = null;
  /** The endpoint is being opened or closed; null: it is not. */
  #moving: Promise<void> | null = null;
  #closed = false;

  constructor(config: Settings, options: MetricsOptions, log: Logger) {
    this.#config = config;
    this.#options = options;
    this.#policies = infoOf(options.policies);
    this.#shadow = shadowOf(options.shadow ?? []);
    this.#countFromZero();
    this.#log = log;
    this.#page = new MetricsPage(
      this.#registry,
      () => this.#state(),
      (error) => this.#onDefect(error),
    );
    void this.#follow();
  }

  observe(report: IntervalReport): void {
    if (this.#config.metrics.listen === null) {
      this.#last = null;
      this.#lastEvaluated = null;
      return;
    }
    const { judgement, snapshot, took } = report;
    for (const { name, labels, by } of countsOf(report, this.#options.layouts.guest))
      this.#registry.count(name, labels, by);
    const steps = { collect: took.collectMs, decide: took.decideMs, apply: took.applyMs };
    for (const [step, ms] of Object.entries(steps))
      this.#registry.observe('ballast_interval_step_seconds', { step }, ms / 1000);
    this.#registry.observe('ballast_interval_seconds', {}, (steps.collect + steps.decide + steps.apply) / 1000);
    this.#last = report;
    if (judgement?.evaluated === true) this.#lastEvaluated = { timeMs: snapshot.timeMs, judgement };
    this.#page.changed();
    // Not awaited: an interval waits for no address.
    void this.#follow();
  }

  compared(shadow: ShadowInterval): void {
    if (this.#config.metrics.listen === null || this.#shadow === null) return;
    for (const { name, labels, by } of shadowCountsOf(shadow)) this.#registry.count(name, labels, by);
    this.#shadow = { ...this.#shadow, last: shadow };
    this.#page.changed();
  }

  skipped(count: number): void {
    this.#registry.count('ballast_intervals_skipped_total', {}, count);
    this.#page.changed();
  }

  hypervisorEvent(event: HypervisorEvent): void {
    if (event.kind === 'call') {
      if (this.#config.metrics.listen === null) return;
      const { call, tookMs, outcome } = event;
      this.#registry.observe('ballast_libvirt_call_seconds', { call }, tookMs / 1000);
      if (outcome !== 'done') this.#registry.count('ballast_libvirt_call_failures_total', { call, outcome });
    } else if (event.kind === 'connected') {
      this.#connected = true;
      this.#page.changed();
    } else if (event.kind === 'disconnected') {
      this.#connected = false;
      this.#registry.count('ballast_libvirt_connection_failures_total');
      this.#page.changed();
    }
  }

  recordingEvent(event: RecordingEvent): void {
    // A file that could be opened may still be on a full disk.
    if (event.kind === 'opened') return;
    this.#recordingFails = event.kind === 'failed';
    if (event.kind === 'failed') this.#registry.count('ballast_recording_failures_total');
    else this.#registry.count('ballast_recording_lost_intervals_total', {}, event.lost);
    this.#page.changed();
  }

  async reconfigure(
    config: Config,
    _keptSnapshots: number,
    policies: readonly PolicyText[],
    shadow: readonly PolicyText[] = [],
  ): Promise<void> {
    this.#config = config;
    this.#policies = infoOf(policies);
    this.#shadow = shadowOf(shadow);
    this.#countFromZero();
    this.#page.changed();
    await this.#follow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#follow();
  }

  /** A series that begins with 1 has not increased for Prometheus: the first error of a file must. */
  #countFromZero(): void {
    for (const { policy } of this.#policies) this.#registry.count('ballast_policy_errors_total', { policy }, 0);
    for (const { policy } of this.#shadow?.policies ?? [])
      this.#registry.count('ballast_shadow_policy_errors_total', { policy }, 0);
  }

  #state(): DaemonState {
    const { layouts, build } = this.#options;
    const { dryRun, collectIntervalMs, policyIntervalMs } = this.#config;
    return {
      ...{ layouts, build, dryRun, collectIntervalMs, policyIntervalMs, policies: this.#policies },
      ...{ connected: this.#connected, recordingFails: this.#recordingFails },
      shadow: this.#shadow,
      ...{ last: this.#last, lastEvaluated: this.#lastEvaluated },
    };
  }

  get #wanted(): string | null {
    const { listen } = this.#config.metrics;
    return listen === null || this.#closed ? null : addressText(listen);
  }

  /** Whether the endpoint is where the config says. */
  get #isInPlace(): boolean {
    return this.#wanted === (this.#endpoint?.address ?? null);
  }

  /** Opens, moves or closes the endpoint. Never rejects. */
  async #follow(): Promise<void> {
    if (this.#moving === null && !this.#isInPlace) this.#moving = this.#move();
    await this.#moving;
  }

  async #move(): Promise<void> {
    let failed: string | null = null;
    // The config may change meanwhile.
    while (!this.#isInPlace && (failed === null || this.#wanted !== failed)) {
      const { listen } = this.#config.metrics;
      const before = this.#endpoint;
      this.#endpoint = null;
      await before?.open.close();
      if (listen !== null && !this.#closed) failed = (await this.#open(listen)) ? null : addressText(listen);
    }
    this.#moving = null;
  }

  async #open(listen: ListenAddress): Promise<boolean> {
    const address = addressText(listen);
    try {
      this.#endpoint = { address, open: await Endpoint.open(listen, this.#page) };
      this.#loggedProblem = null;
      this.#log.info({ address }, `Metrics are at ${address}, path /metrics`);
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#loggedProblem)
        this.#log.error({ address }, `No metrics: ${why}; trying again with each interval, the daemon continues`);
      this.#loggedProblem = why;
      return false;
    }
  }

  #onDefect(error: unknown): void {
    const err = error instanceof Error ? error : new Error(String(error));
    this.#log.error({ err }, `A defect in the metrics, please report it: ${err.message}; the daemon continues`);
  }
}

function shadowOf(files: readonly PolicyText[]): DaemonState['shadow'] {
  return files.length === 0 ? null : { policies: infoOf(files), last: null };
}

/** Digits of the checksum: enough to tell the versions of one file apart. */
const DIGITS = 12;

function infoOf(policies: readonly PolicyText[]): DaemonState['policies'] {
  return policies.map(({ file, text }) => ({
    policy: file,
    sha256: createHash('sha256').update(text).digest('hex').slice(0, DIGITS),
  }));
}
