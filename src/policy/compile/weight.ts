import type { Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';

/** How many expressions run with this one, at most; those of a loop's body count for each turn instead. */
export function weigh(expression: Expression): number {
  if (expression.kind === 'with') return 2;
  if (expression.kind === 'loop') return 2 + weigh(expression.list);
  let weight = 1;
  for (const part of parts(expression)) weight += weigh(part);
  return weight;
}
