import type { Decision } from '../model/decision.ts';
import { remember, type PolicyMemory } from '../model/memory.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import { evaluate, type EvaluateOptions, type Program } from '../policy/index.ts';

export interface Decided {
  readonly decision: Decision;
  /** The memory for the next interval. */
  readonly memory: PolicyMemory;
}

/** Pure: the same program, input and memory always give the same decision. */
export function decide(
  program: Program,
  input: PolicyInput,
  memory: PolicyMemory,
  options: EvaluateOptions = {},
): Decided {
  const { decision, writes } = evaluate(program, input, memory, options);
  return { decision, memory: remember(memory, writes) };
}

/** The decision of an interval without an evaluation. */
export const NO_DECISION: Decision = { requests: [], errors: [] };
