import type { PolicyScalar } from './control.ts';
import { numberText, shortNumber } from './number-text.ts';

/** A policy value for messages: on one line and truncated. */
export function scalarText(value: PolicyScalar): string {
  const text = value === null ? 'nil' : typeof value === 'number' ? numberText(value) : scalarJson(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** A policy value as JSON, its numbers as messages show them. */
export function scalarJson(value: PolicyScalar): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'number' ? shortNumber(part) : part));
}
