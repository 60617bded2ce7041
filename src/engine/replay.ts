import type { Labeller } from '../model/labels.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { PolicyMemory } from '../model/memory.ts';
import type { ParamOverride } from '../model/parameter.ts';
import type { GuestSnapshot, PolicyInput, Snapshot } from '../model/snapshot.ts';
import type { EvaluateOptions, ParamResolver, Program, Tracer } from '../policy/index.ts';
import type { PluginSettings } from '../plugin/settings.ts';

import { layoutsOf } from '../recording/format.ts';
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
  /** What labels guests have of their names besides those that were recorded. */
  readonly labels: Labeller;
  /** What counts for the policy's parameters when this was recorded. Absent: the policy's own values. */
  readonly parameters?: (recorded: readonly ParamOverride[]) => ParamResolver;
  /**
   * How often the policy is evaluated, milliseconds of the recording's time; null: at the moments at which a policy
   * was evaluated when the recording was made, or, if none was, every {@link DEFAULT_POLICY_INTERVAL_MS}.
   */
  readonly policyIntervalMs: number | null;
  /** Who is told how an evaluation comes to its decision; evaluations are counted from 0. */
  readonly tracerFor?: (evaluation: number) => Tracer | null;
}

/** MOM's. */
export const DEFAULT_POLICY_INTERVAL_MS = 10_000;

/**
 * What the policy would decide at each recorded moment. The recorded figures are not changed by what it decides: a
 * balloon that the replay shrinks is as large as it was in the next recorded interval.
 */
export async function* replay(recording: Recording, options: ReplayOptions): AsyncGenerator<IntervalReport, void> {
  const decider = deciderFor(recording, options);
  let evaluations = 0;
  const took = { collectMs: 0, decideMs: 0, applyMs: 0 };
  for await (const { snapshot, input, memoryBefore, overrides } of observe(recording, decider, options)) {
    const judgement = input === null ? null : decider.judge(input, options.tracerFor?.(evaluations++) ?? null);
    const outcomes = judgement === null ? [] : dryRun(judgement.plan.actions);
    yield { snapshot, judgement, outcomes, memoryBefore, overrides, took };
  }
}

/** A decider as it was when the recording began. */
export function deciderFor(
  { header }: Recording,
  {
    program,
    planners,
    settings,
    evaluate,
  }: Pick<ReplayOptions, 'planners' | 'settings' | 'evaluate'> & { readonly program: Program | null },
): Decider {
  const layouts = layoutsOf(header);
  return new Decider(
    program,
    {
      historyLength: header.history,
      hostLayout: layouts.host,
      guestLayout: layouts.guest,
      hostProps: header.host_props,
      planners,
      settings,
      evaluate,
    },
    decodeMemory(header.memory),
  );
}

/** A recorded moment, as the decider was shown it. */
interface ReplayedInterval {
  readonly snapshot: Snapshot;
  /** null where the policy is not due, or could not be shown the host. */
  readonly input: PolicyInput | null;
  readonly memoryBefore: PolicyMemory;
  /** What was recorded as set for the policy's parameters. */
  readonly overrides: readonly ParamOverride[];
}

/** Shows a decider each recorded moment. Its input is there where the policy is due: whoever takes it judges it, or not, before the next. */
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
  for await (const { snapshot: recorded, context, policy, parameters } of recording.intervals) {
    if (parameters) {
      overrides = parameters;
      if (resolverOf) decider.setParams(resolverOf(overrides));
    }
    const snapshot = labelled(recorded, labels);
    if (context) {
      decider.recall(snapshot);
      continue;
    }
    const memoryBefore = decider.memory;
    const input = decider.observe(snapshot);
    const policyIsDue = asRecorded ? policy !== null : due.isDue(snapshot.timeMs);
    yield { snapshot, input: policyIsDue ? input : null, memoryBefore, overrides };
  }
}

function labelled(snapshot: Snapshot, labels: Labeller): Snapshot {
  const ofGuest = ({ name, props: { labels: recorded } }: GuestSnapshot) =>
    labels(name, typeof recorded === 'string' ? recorded : '');
  // Mostly nothing changes: copying every guest of a long recording would be felt.
  if (snapshot.guests.every((guest) => ofGuest(guest) === guest.props['labels'])) return snapshot;
  return {
    ...snapshot,
    guests: snapshot.guests.map((guest) => ({ ...guest, props: { ...guest.props, labels: ofGuest(guest) } })),
  };
}
