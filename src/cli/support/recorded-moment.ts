import { defaultConfig } from '../../compose/config.ts';
import { DEFAULT_POLICY_INTERVAL_MS, deciderFor, observe } from '../../engine/replay.ts';
import type { Labeller } from '../../model/labels.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { EvaluateOptions, ParamResolver, Program } from '../../policy/index.ts';
import { openRecording, type ReadOptions } from '../../recording/reader.ts';
import type { Moment } from '../../tooling/testing/run.ts';
import { recordedTimes, type Recorded } from './moment.ts';

/** The intervals that a time can mean, all with host statistics: those in which the policy was evaluated, or every one. */
export type Candidates = 'evaluations' | 'intervals';

/** How to read a recording up to one of its intervals. */
export interface ReplayedUpTo {
  /** The policy that ran until then, for its memory. null: the moment has none but that of the start of the recording. */
  readonly program: Program | null;
  /** What is evaluated at the moment: as many samples are kept as it looks back on. Absent: `program`. */
  readonly reader?: Program;
  /** Resolves parameters for the recorded values. */
  readonly parameters: (recorded: readonly ParamOverride[]) => ParamResolver;
  readonly evaluate: EvaluateOptions;
  /** Absent: guests have the recorded labels only. */
  readonly labels?: Labeller;
}

/** A moment of a recording, with the parameters that were set then. */
export interface RecordedMoment extends Moment {
  readonly params: ParamResolver;
}

const RECORDED_LABELS: Labeller = (_name, own) => own;

/** The times that a moment of a recording can have. @throws RecordingError */
export async function surveyTimes(file: string, candidates: Candidates, options: ReadOptions): Promise<Recorded> {
  const times: number[] = [];
  const found: number[] = [];
  const recording = await openRecording(file, options);
  const decider = deciderFor(recording, deciderOptions(null, {}));
  for await (const { snapshot, input, policyIsDue } of observe(recording, decider, asRecorded())) {
    times.push(snapshot.timeMs);
    if (input !== null && isAmong(candidates, policyIsDue)) found.push(snapshot.timeMs);
  }
  const { collect_interval_ms, policy_interval_ms } = recording.header;
  const intervalMs =
    candidates === 'intervals' ? collect_interval_ms : (policy_interval_ms ?? DEFAULT_POLICY_INTERVAL_MS);
  return recordedTimes(file, times, found, intervalMs);
}

/**
 * Host and guests at a moment, and the policy's memory before it: all earlier evaluations are replayed.
 * @param index of the moment among `candidates`
 * @throws RecordingError
 */
export async function momentAt(
  file: string,
  index: number,
  candidates: Candidates,
  { program, reader, parameters, evaluate, labels }: ReplayedUpTo,
): Promise<RecordedMoment> {
  const recording = await openRecording(file, { onCutOff: () => {} });
  const decider = deciderFor(recording, deciderOptions(program, evaluate), reader);
  let found = -1;
  for await (const { input, policyIsDue, overrides } of observe(recording, decider, asRecorded(labels, parameters))) {
    if (input === null) continue;
    if (isAmong(candidates, policyIsDue)) found += 1;
    if (found === index)
      return { input, memory: decider.memory, history: recording.header.history, params: parameters(overrides) };
    if (policyIsDue) decider.judge(input);
  }
  throw new Error(`the recording ${file} was truncated while it was read`);
}

function isAmong(candidates: Candidates, policyIsDue: boolean): boolean {
  return candidates === 'intervals' || policyIsDue;
}

function asRecorded(labels = RECORDED_LABELS, parameters?: ReplayedUpTo['parameters']) {
  return { labels, policyIntervalMs: null, ...(parameters && { parameters }) };
}

/** Guards and controllers do not change the memory of a policy. */
function deciderOptions(program: Program | null, evaluate: EvaluateOptions) {
  return { program, planners: { guards: [], controllers: [] }, settings: defaultConfig().pluginSettings, evaluate };
}
