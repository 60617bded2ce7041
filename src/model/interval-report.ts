import type { Decision, Outcome, Plan } from './decision.ts';
import type { PolicyMemory } from './memory.ts';
import type { ParamOverride } from './parameter.ts';
import type { Snapshot } from './snapshot.ts';

/** What one evaluation of the policy came to, before anything is written. */
export interface Judgement {
  readonly decision: Decision;
  readonly plan: Plan;
}

/** Everything that one interval read and did. */
export interface IntervalReport {
  readonly snapshot: Snapshot;
  /** null in an interval in which the policy was not due, or could not be shown the host. */
  readonly judgement: Judgement | null;
  readonly outcomes: readonly Outcome[];
  /** The policy's variables as they were before this interval. */
  readonly memoryBefore: PolicyMemory;
  /** What was set for the policy's parameters (in a replay: recorded as set); the same list for as long as nothing changes. */
  readonly overrides: readonly ParamOverride[];
  /** Milliseconds, by the monotonic clock; 0 in a replay. */
  readonly took: { readonly collectMs: number; readonly decideMs: number; readonly applyMs: number };
}
