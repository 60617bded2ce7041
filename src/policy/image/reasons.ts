import type { Expression } from '../forms/forms.ts';
import type { Step } from './paths.ts';
import { negatedWords, words } from '../forms/words.ts';

/** UTF-16 units; limited because the reason is part of a log line. */
const LENGTH = 240;

/** The reason for a control, built from the conditions that led to it; null when there are none. */
export function reasonOf(steps: readonly Step[]): string | null {
  const reasons = steps
    .flatMap(split)
    .filter(({ condition }) => !isGuard(condition))
    .map(wordsOf);
  const text = [...new Set(reasons)].join('; ');
  if (text === '') return null;
  return text.length <= LENGTH ? text : `${text.slice(0, LENGTH - 1)}…`;
}

/** By condition and outcome: a recursive policy reaches a condition by any number of paths. */
const known = [new WeakMap<Expression, string>(), new WeakMap<Expression, string>()] as const;

function wordsOf({ condition, holds }: Step): string {
  const cache = known[holds ? 1 : 0];
  let text = cache.get(condition);
  if (text === undefined) cache.set(condition, (text = holds ? words(condition) : negatedWords(condition)));
  return text;
}

/** Splits a conjunction into its conditions. */
function split(step: Step): readonly Step[] {
  const { condition, holds } = step;
  if (condition.kind !== 'logic' || (condition.operator === 'and') !== holds) return [step];
  return condition.args.flatMap((part) => split({ condition: part, holds }));
}

/** A test for a missing statistic is not a reason. */
function isGuard(condition: Expression): boolean {
  if (condition.kind === 'logic') return condition.args.every(isGuard);
  if (condition.kind !== 'apply') return false;
  const { name } = condition.builtin;
  return name === 'valid' || name === 'null' || (name === 'not' && condition.args.every(isGuard));
}
