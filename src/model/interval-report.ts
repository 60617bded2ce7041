import type { GuardCondition } from './condition.ts';
import type { Decision, Outcome, Plan } from './decision.ts';
import type { GuardFigures } from './guard-figures.ts';
import type { PolicyMemory } from './memory.ts';
import type { ParamOverride } from './parameter.ts';
import type { PolicyInput, Snapshot } from './snapshot.ts';

/** The result of one policy evaluation, or of the guards alone between two evaluations, before anything is written. */
export interface Judgement {
  /** Whether the policy was evaluated. */
  readonly evaluated: boolean;
  readonly decision: Decision;
  readonly plan: Plan;
}

/** Inputs and results of one interval. */
export interface IntervalReport {
  readonly snapshot: Snapshot;
  /** The snapshot with the history, as the policy and the guards saw it; null: host statistics were missing. */
  readonly input: PolicyInput | null;
  /** null when host statistics were missing, or the policy was not due and no guard had to act. */
  readonly judgement: Judgement | null;
  readonly outcomes: readonly Outcome[];
  /** What an operator's release has written since the interval before; the log has it already. Absent: nothing. */
  readonly released?: readonly Outcome[];
  /** What guards found, also in intervals without a judgement; computed by the first call. null: host statistics were missing, so they were not asked. */
  readonly conditions: (() => readonly GuardCondition[]) | null;
  /** The policy's variables and timers before this interval. */
  readonly memoryBefore: PolicyMemory;
  /** Overrides of the policy's parameters (in a replay: as recorded); the same array while they are unchanged. */
  readonly overrides: readonly ParamOverride[];
  /** What the guards reckon with, computed by the call. Absent: host statistics were missing, or it is a replay. */
  readonly figures?: () => GuardFigures;
  /** Milliseconds, by the monotonic clock; 0 in a replay. */
  readonly took: { readonly collectMs: number; readonly decideMs: number; readonly applyMs: number };
}
