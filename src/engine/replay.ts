import type { Labeller } from '../model/labels.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { PolicyMemory } from '../model/memory.ts';
import type { ParamOverride } from '../model/parameter.ts';
import type { GuestSnapshot, PolicyInput, Snapshot } from '../model/snapshot.ts';
import type { EvaluateOptions, ParamResolver, Program, Tracer } from '../policy/index.ts';
import type { PluginSettings } from '../plugin/settings.ts';

import { keptSnapshots, NO_HISTORY_NEED } from '../model/history-need.ts';
import { layoutsOf, missingFieldsAdder, type RecordingHeader } from '../recording/format.ts';
import { decodeMemory } from '../recording/memory.ts';
import type { Recording } from '../recording/reader.ts';
import { dryRun } from './apply.ts';
import { Decider } from './decider.ts';
import { DueTimes } from './loop.ts';
import type { Planners } from './plan.ts';

export interface ReplayOptions {
  readonly program: Program;
  readonly planners: Planners;
  readonly settings: PluginSettings;
  readonly evaluate: EvaluateOptions;
  /** Adds the labels that guests have by name to the recorded ones. */
  readonly labels: Labeller;
  /** Resolves the policy's parameters for the recorded overrides. Absent: the policy's defaults. */
  readonly parameters?: (recorded: readonly ParamOverride[]) => ParamResolver;
  /**
   * How often the policy is evaluated, milliseconds of recorded time; null: in the intervals with a recorded
   * evaluation, or every {@link DEFAULT_POLICY_INTERVAL_MS} when none was recorded.
   */
  readonly policyIntervalMs: number | null;
  /** Returns the tracer of an evaluation; evaluations are counted from 0. */
  readonly tracerFor?: (evaluation: number) => Tracer | null;
}

/** The default of MOM. */
export const DEFAULT_POLICY_INTERVAL_MS = 10_000;

/**
 * Yields the policy's decision for each recorded interval. Decisions do not change the recorded statistics: a balloon
 * that the replay shrinks has its recorded size in the next interval.
 */
export async function* replay(recording: Recording, options: ReplayOptions): AsyncGenerator<IntervalReport, void> {
  const decider = deciderFor(recording, options);
  let evaluations = 0;
  const took = { collectMs: 0, decideMs: 0, applyMs: 0 };
  for await (const { snapshot, input, policyIsDue, memoryBefore, overrides } of observe(recording, decider, options)) {
    const judgement =
      input === null
        ? null
        : policyIsDue
          ? decider.judge(input, options.tracerFor?.(evaluations++) ?? null)
          : decider.relieve(input);
    const outcomes = judgement === null ? [] : dryRun(judgement.plan.actions);
    const conditions = input === null ? null : decider.conditions(input);
    yield { snapshot, input, judgement, outcomes, conditions, memoryBefore, overrides, took };
  }
}

/**
 * A decider in its state at the start of the recording.
 * @param reader another program that reads its inputs: what that one looks back on is kept too
 */
export function deciderFor(
  { header }: Recording,
  {
    program,
    planners,
    settings,
    evaluate,
  }: Pick<ReplayOptions, 'planners' | 'settings' | 'evaluate'> & { readonly program: Program | null },
  reader: Program | null = null,
): Decider {
  const layouts = layoutsOf(header);
  const decider = new Decider(
    program,
    {
      historyLength: header.history,
      keptSnapshots: Math.max(keptFor(header, program), reader === null ? 0 : needOf(reader, header)),
      hostLayout: layouts.host,
      guestLayout: layouts.guest,
      hostProps: header.host_props,
      planners,
      settings,
      evaluate,
    },
    decodeMemory(header.memory),
  );
  if (reader !== null) decider.statistics.keepToo(reader.statisticsNeed);
  return decider;
}

/** An older recording was decided with `history` samples whatever the policy asked for, and replays to the same decisions. */
function keptFor(header: RecordingHeader, program: Program | null): number {
  const { kept, history } = header;
  if (kept === undefined) return history;
  return Math.max(kept, needOf(program, header));
}

function needOf(program: Program | null, { history, collect_interval_ms }: RecordingHeader): number {
  return keptSnapshots(program?.historyNeed ?? NO_HISTORY_NEED, history, collect_interval_ms);
}

/** A recorded interval, as passed to the decider. */
interface ReplayedInterval {
  readonly snapshot: Snapshot;
  /** null when host statistics are missing. */
  readonly input: PolicyInput | null;
  readonly policyIsDue: boolean;
  readonly memoryBefore: PolicyMemory;
  /** The recorded overrides of the policy's parameters. */
  readonly overrides: readonly ParamOverride[];
}

/** Passes each recorded interval to a decider. The caller may judge an input before it takes the next interval. */
export async function* observe(
  recording: Recording,
  decider: Decider,
  {
    policyIntervalMs,
    labels,
    parameters: resolverOf,
  }: Pick<ReplayOptions, 'policyIntervalMs' | 'labels' | 'parameters'>,
): AsyncGenerator<ReplayedInterval, void> {
  const { header } = recording;
  const asRecorded = policyIntervalMs === null && header.policy_interval_ms !== null;
  const due = new DueTimes(policyIntervalMs ?? DEFAULT_POLICY_INTERVAL_MS);
  let overrides: readonly ParamOverride[] = header.parameters ?? [];
  if (resolverOf) decider.setParams(resolverOf(overrides));
  const withMissingFields = missingFieldsAdder(header);
  for await (const { snapshot: recorded, context, policy, relief, parameters } of recording.intervals) {
    if (parameters) {
      overrides = parameters;
      if (resolverOf) decider.setParams(resolverOf(overrides));
    }
    const snapshot = withMissingFields(labelled(recorded, labels));
    if (context) {
      decider.recall(snapshot);
      continue;
    }
    const memoryBefore = decider.memory;
    const input = decider.observe(snapshot);
    const policyIsDue = asRecorded ? policy !== null : due.isDue(snapshot.timeMs);
    yield { snapshot, input, policyIsDue, memoryBefore, overrides };
    // The guards remember what was really written, as the recorded statistics show it.
    decider.learn([...(policy?.outcomes ?? []), ...(relief?.outcomes ?? [])]);
  }
}

function labelled(snapshot: Snapshot, labels: Labeller): Snapshot {
  const ofGuest = ({ name, props: { labels: recorded } }: GuestSnapshot) =>
    labels(name, typeof recorded === 'string' ? recorded : '');
  // Usually nothing changes; copying every guest of a long recording would be slow.
  if (snapshot.guests.every((guest) => ofGuest(guest) === guest.props['labels'])) return snapshot;
  return {
    ...snapshot,
    guests: snapshot.guests.map((guest) => ({ ...guest, props: { ...guest.props, labels: ofGuest(guest) } })),
  };
}
