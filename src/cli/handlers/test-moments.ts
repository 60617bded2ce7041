import { defaultConfig } from '../../compose/config.ts';
import { DEFAULT_POLICY_INTERVAL_MS, deciderFor, observe } from '../../engine/replay.ts';
import type { EvaluateOptions, ParamResolver, Program } from '../../policy/index.ts';
import { openRecording } from '../../recording/reader.ts';
import type { Moment } from '../../tooling/testing/run.ts';
import { evaluationAt, recordedTimes, type Recorded } from '../support/moment.ts';

/** How to evaluate a policy up to a point in a recording. */
export interface MomentOptions {
  readonly program: Program;
  readonly params: ParamResolver;
  readonly evaluate: EvaluateOptions;
  /** Called with a message if the recording is truncated. */
  readonly warn: (message: string) => void;
}

/** The recordings that test cases use. The evaluations of each recording are read once. */
export class Moments {
  readonly #surveys = new Map<string, Promise<Recorded>>();

  /**
   * Checks that the recording has an evaluation for this time.
   * @throws RecordingError, MomentError
   */
  async check(file: string, at: string, warn: MomentOptions['warn']): Promise<void> {
    evaluationAt(at, await this.#survey(file, warn));
  }

  /**
   * Host and guests at a point in a recording, and the policy's memory at that point: all earlier evaluations are replayed.
   * @throws RecordingError, MomentError
   */
  async find(file: string, at: string, options: MomentOptions): Promise<Moment> {
    return replayTo(file, evaluationAt(at, await this.#survey(file, options.warn)), options);
  }

  #survey(file: string, warn: MomentOptions['warn']): Promise<Recorded> {
    const known = this.#surveys.get(file) ?? survey(file, warn);
    this.#surveys.set(file, known);
    return known;
  }
}

/** Recorded labels and intervals: a policy test does not depend on a config. */
const AS_RECORDED = { labels: (_name: string, own: string) => own, policyIntervalMs: null };

async function survey(file: string, warn: (message: string) => void): Promise<Recorded> {
  const times: number[] = [];
  const due: number[] = [];
  const recording = await openRecording(file, { onCutOff: warn });
  for await (const { snapshot, input, policyIsDue } of observe(
    recording,
    deciderFor(recording, deciderOptions(null, {})),
    AS_RECORDED,
  )) {
    times.push(snapshot.timeMs);
    if (input !== null && policyIsDue) due.push(snapshot.timeMs);
  }
  return recordedTimes(file, times, due, recording.header.policy_interval_ms ?? DEFAULT_POLICY_INTERVAL_MS);
}

async function replayTo(file: string, index: number, { program, params, evaluate }: MomentOptions): Promise<Moment> {
  const recording = await openRecording(file, { onCutOff: () => {} });
  const decider = deciderFor(recording, deciderOptions(program, evaluate));
  decider.setParams(params);
  let evaluation = 0;
  for await (const { input, policyIsDue } of observe(recording, decider, AS_RECORDED)) {
    if (input === null || !policyIsDue) continue;
    if (evaluation === index) return { input, memory: decider.memory, history: recording.header.history };
    decider.judge(input);
    evaluation += 1;
  }
  throw new Error(`the recording ${file} was truncated while it was read`);
}

function deciderOptions(program: Program | null, evaluate: EvaluateOptions) {
  return { program, planners: { guards: [], controllers: [] }, settings: defaultConfig().pluginSettings, evaluate };
}
