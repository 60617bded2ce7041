import { stat } from 'node:fs/promises';
import type { Setup } from '../../compose/setup.ts';
import { labellerOf } from '../../config/guest-labels.ts';
import { DEFAULT_POLICY_INTERVAL_MS, replay } from '../../engine/replay.ts';
import type { ControlRequest } from '../../model/control.ts';
import type { IntervalReport } from '../../model/interval-report.ts';
import { replayedParameters } from '../../parameters/recorded.ts';
import type { Tracer } from '../../policy/index.ts';
import { openRecording } from '../../recording/reader.ts';
import type { Io } from '../support/io.ts';
import { recordedTimes, type Recorded } from '../support/moment.ts';
import { Progress } from '../support/progress.ts';

/** The evaluations and guests of a recording. */
export interface Contents extends Recorded {
  readonly guests: ReadonlyMap<string, { readonly name: string; readonly fromMs: number; toMs: number }>;
}

/** The first pass over a recording. It reads all of it, because a clock that was set back makes later evaluations match too. */
export async function survey(file: string, reader: Reader): Promise<Contents> {
  const evaluations: number[] = [];
  const guests = new Map<string, { readonly name: string; readonly fromMs: number; toMs: number }>();
  const times: number[] = [];
  try {
    for await (const {
      report: { snapshot, judgement },
    } of reader.intervals(() => null)) {
      times.push(snapshot.timeMs);
      if (judgement?.evaluated === true) evaluations.push(snapshot.timeMs);
      for (const { name, uuid } of snapshot.guests) {
        const guest = guests.get(uuid);
        if (guest) guest.toMs = snapshot.timeMs;
        else guests.set(uuid, { name, fromMs: snapshot.timeMs, toMs: snapshot.timeMs });
      }
    }
  } finally {
    reader.clearProgress();
  }
  return { ...recordedTimes(file, times, evaluations, reader.policyIntervalMs), guests };
}

/** Replays a recording from its beginning, each time `intervals` is called: twice, which the progress counts on. */
export class Reader {
  readonly #file: string;
  readonly #setup: Setup;
  readonly #warn: (message: string) => void;
  readonly #stderr: Io['stderr'];
  #progress: Progress | null = null;
  #readBefore = 0;
  /** Known after the first interval. */
  policyIntervalMs = DEFAULT_POLICY_INTERVAL_MS;

  constructor(file: string, setup: Setup, warn: (message: string) => void, { stderr }: Pick<Io, 'stderr'>) {
    this.#file = file;
    this.#setup = setup;
    this.#warn = warn;
    this.#stderr = stderr;
  }

  /** Each interval, with the requests that were recorded for it. */
  async *intervals(
    tracerFor: (evaluation: number) => Tracer | null,
  ): AsyncGenerator<{ readonly report: IntervalReport; readonly recorded: readonly ControlRequest[] | null }> {
    const { config, plugins, policies, parameters } = this.#setup;
    const bytes = await stat(this.#file).then(
      ({ size }) => size,
      () => 0,
    );
    const progress = (this.#progress ??= new Progress(this.#stderr, 2 * bytes));
    const before = this.#readBefore;
    const recording = await openRecording(this.#file, {
      onCutOff: this.#warn,
      onProgress: (read) => progress.show(before + read),
    });
    this.#readBefore = bytes;
    this.policyIntervalMs = recording.header.policy_interval_ms ?? DEFAULT_POLICY_INTERVAL_MS;
    let recorded: readonly ControlRequest[] | null = null;
    const intervals = (async function* () {
      for await (const interval of recording.intervals) {
        recorded = interval.policy?.requests ?? null;
        yield interval;
      }
    })();
    const reports = replay(
      { ...recording, intervals },
      {
        program: policies.program,
        planners: plugins,
        settings: config.pluginSettings,
        labels: labellerOf(config.guestLabels),
        evaluate: { onError: config.policy.onError, clock: () => performance.now() },
        policyIntervalMs: null,
        tracerFor,
        parameters: replayedParameters(parameters, this.#warn),
      },
    );
    for await (const report of reports) yield { report, recorded };
  }

  clearProgress(): void {
    this.#progress?.clear();
  }
}
