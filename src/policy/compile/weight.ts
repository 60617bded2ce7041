import type { Expression } from '../forms/forms.ts';
import { beforeLoop, parts } from '../forms/parts.ts';

/** The maximum number of expressions evaluated with this one; a loop's body counts per iteration instead. */
export function weigh(expression: Expression): number {
  if (expression.kind === 'with') return 2;
  if (expression.kind === 'loop') return beforeLoop(expression).reduce((sum, part) => sum + weigh(part), 2);
  let weight = 1;
  for (const part of parts(expression)) weight += weigh(part);
  return weight;
}
