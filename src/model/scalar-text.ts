import type { PolicyScalar } from './control.ts';

/** A policy value for messages: on one line and truncated. */
export function scalarText(value: PolicyScalar): string {
  if (typeof value === 'number') return String(value);
  const text = value === null ? 'nil' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
