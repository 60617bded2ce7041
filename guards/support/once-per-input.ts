import type { PolicyInput } from '../../src/model/snapshot.ts';

/** Remembers what was computed from an input, for all guards that ask about the same one. Inputs do not change. */
export function oncePerInput<Result>(compute: (input: PolicyInput) => Result): (input: PolicyInput) => Result {
  const known = new WeakMap<PolicyInput, Result>();
  return (input) => {
    const before = known.get(input);
    if (before !== undefined) return before;
    const result = compute(input);
    known.set(input, result);
    return result;
  };
}
