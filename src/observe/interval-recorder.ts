import type { Config } from '../config/model.ts';
import type { Layout } from '../model/field.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { Props } from '../model/snapshot.ts';
import { GUEST_PROPS } from '../model/vocabulary.ts';
import type { RecordedInterval } from '../recording/format.ts';
import { RecordingWriter, type RecordingEvent } from '../recording/writer.ts';
import type { IntervalObserver } from './observer.ts';
import { failureText } from './recording-log.ts';

/** Header fields of a recording that do not come from the configuration. */
export interface RecordedRun {
  readonly hostProps: Props;
  readonly hostLayout: Layout;
  readonly guestLayout: Layout;
  /** Snapshots that the policy at the start looks back on. */
  readonly keptSnapshots: number;
  /** Whether there is a policy; without one, intervals only collect. */
  readonly hasPolicy: boolean;
}

/**
 * Records intervals if recording is configured. If a write fails or hangs, that interval is not recorded, and a
 * {@link RecordingEvent} is emitted.
 */
export class IntervalRecorder implements IntervalObserver {
  readonly name = 'recording';
  readonly #run: RecordedRun;
  readonly #onEvent: (event: RecordingEvent) => void;
  #config: Config;
  #keptSnapshots: number;
  #writer: RecordingWriter | null;
  #trouble: string | null = null;

  constructor(config: Config, run: RecordedRun, onEvent: (event: RecordingEvent) => void) {
    this.#config = config;
    this.#run = run;
    this.#keptSnapshots = run.keptSnapshots;
    this.#onEvent = (event) => {
      if (event.kind === 'failed') this.#trouble = `nothing is recorded: ${failureText(event)}`;
      // A file that was opened again has not been written yet.
      else if (event.kind === 'resumed') this.#trouble = null;
      onEvent(event);
    };
    this.#writer = this.#open(null);
  }

  get trouble(): string | null {
    return this.#writer === null ? null : this.#trouble;
  }

  async observe(report: IntervalReport): Promise<void> {
    await this.#writer?.write(recordedInterval(report), report.memoryBefore, report.overrides);
  }

  /** Starts a new file when the header or the recording options have changed. */
  async reconfigure(config: Config, keptSnapshots: number): Promise<void> {
    const isSame = settingsText(config) === settingsText(this.#config) && keptSnapshots === this.#keptSnapshots;
    this.#config = config;
    this.#keptSnapshots = keptSnapshots;
    if (isSame) return;
    await this.#writer?.close();
    this.#trouble = null;
    this.#writer = this.#open(this.#writer);
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  #open(before: RecordingWriter | null): RecordingWriter | null {
    const { record } = this.#config;
    if (record === null) return null;
    const header = headerOf(this.#config, { ...this.#run, keptSnapshots: this.#keptSnapshots });
    return new RecordingWriter({ ...record, header }, this.#onEvent, before);
  }
}

/** The header of a recording, without what changes from file to file. */
export function headerOf(
  { collectIntervalMs, policyIntervalMs, history }: Pick<Config, 'collectIntervalMs' | 'policyIntervalMs' | 'history'>,
  { hostProps, hostLayout, guestLayout, keptSnapshots, hasPolicy }: RecordedRun,
) {
  return {
    ballast_recording: 1 as const,
    host_props: { ...hostProps },
    collect_interval_ms: collectIntervalMs,
    policy_interval_ms: hasPolicy ? policyIntervalMs : null,
    history,
    kept: keptSnapshots,
    host_fields: [...hostLayout.names],
    guest_fields: [...guestLayout.names],
    guest_props: GUEST_PROPS.filter((prop) => prop !== 'name' && prop !== 'uuid'),
  };
}

function settingsText({ record, collectIntervalMs, policyIntervalMs }: Config): string {
  return JSON.stringify([record, collectIntervalMs, policyIntervalMs]);
}

/** An interval as it is recorded. The writes of a release are recorded with the interval after it: replays and timelines must know them. */
export function recordedInterval({ snapshot, judgement, outcomes, released = [] }: IntervalReport): RecordedInterval {
  if (judgement === null) {
    const relief = { requests: [], errors: [], held: [], outcomes: released };
    return { snapshot, context: false, policy: null, ...(released.length > 0 && { relief }) };
  }
  const { decision, plan } = judgement;
  const all = [...released, ...outcomes];
  const line = { requests: decision.requests, errors: decision.errors, held: plan.held, outcomes: all };
  return judgement.evaluated
    ? { snapshot, context: false, policy: line }
    : { snapshot, context: false, policy: null, relief: line };
}
