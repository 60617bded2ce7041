import type { PlainName } from '../builtins/builtins.ts';
import type { Expression } from '../forms/forms.ts';

const COMPARISONS: Readonly<Partial<Record<PlainName, (a: number | string, b: number | string) => boolean>>> = {
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  lte: (a, b) => a <= b,
  gte: (a, b) => a >= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};

/** The constant result of a comparison of two literals; null for anything else. */
export function comparedLiterals(name: PlainName, [a, b]: readonly Expression[]): boolean | null {
  if (
    a?.kind !== 'literal' ||
    b?.kind !== 'literal' ||
    a.value === null ||
    b.value === null ||
    typeof a.value !== typeof b.value
  )
    return null;
  return COMPARISONS[name]?.(a.value, b.value) ?? null;
}
