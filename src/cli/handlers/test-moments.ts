import { defaultConfig } from '../../compose/config.ts';
import { deciderFor, observe } from '../../engine/replay.ts';
import type { EvaluateOptions, ParamResolver, Program } from '../../policy/index.ts';
import { openRecording } from '../../recording/reader.ts';
import type { Moment } from '../../tooling/testing/run.ts';
import { evaluationAt, recordedTimes, type Recorded } from '../support/moment.ts';

/** How a policy is evaluated up to a moment. */
export interface MomentParts {
  readonly program: Program;
  readonly params: ParamResolver;
  readonly evaluate: EvaluateOptions;
  /** Told of what is left out of a recording. */
  readonly warn: (message: string) => void;
}

/** The recordings that the cases of a run name. Which evaluations there are in one is looked up once. */
export class Moments {
  readonly #surveys = new Map<string, Promise<Recorded>>();

  /**
   * Looks whether there is such a moment.
   * @throws RecordingError, MomentError
   */
  async check(file: string, at: string, warn: MomentParts['warn']): Promise<void> {
    evaluationAt(at, await this.#survey(file, warn));
  }

  /**
   * Host and guests at a moment of a recording, and what the policy would remember by then: it is evaluated at every moment before,
   * as in a replay.
   * @throws RecordingError, MomentError
   */
  async find(file: string, at: string, parts: MomentParts): Promise<Moment> {
    return replayTo(file, evaluationAt(at, await this.#survey(file, parts.warn)), parts);
  }

  #survey(file: string, warn: MomentParts['warn']): Promise<Recorded> {
    const known = this.#surveys.get(file) ?? survey(file, warn);
    this.#surveys.set(file, known);
    return known;
  }
}

/** As they were recorded: what a test of a policy is about is not what a config makes of it. */
const AS_RECORDED = { labels: (_name: string, own: string) => own, policyIntervalMs: null };

async function survey(file: string, warn: (message: string) => void): Promise<Recorded> {
  const times: number[] = [];
  const due: number[] = [];
  const recording = await openRecording(file, { onCutOff: warn });
  for await (const { snapshot, input } of observe(recording, deciderFor(recording, partsOf(null, {})), AS_RECORDED)) {
    times.push(snapshot.timeMs);
    if (input !== null) due.push(snapshot.timeMs);
  }
  return recordedTimes(file, times, due);
}

async function replayTo(file: string, index: number, { program, params, evaluate }: MomentParts): Promise<Moment> {
  const recording = await openRecording(file, { onCutOff: () => {} });
  const decider = deciderFor(recording, partsOf(program, evaluate));
  decider.setParams(params);
  let evaluation = 0;
  for await (const { input } of observe(recording, decider, AS_RECORDED)) {
    if (input === null) continue;
    if (evaluation === index) return { input, memory: decider.memory, history: recording.header.history };
    decider.judge(input);
    evaluation += 1;
  }
  throw new Error(`the recording ${file} was truncated while it was read`);
}

function partsOf(program: Program | null, evaluate: EvaluateOptions) {
  return { program, planners: { guards: [], controllers: [] }, settings: defaultConfig().pluginSettings, evaluate };
}
