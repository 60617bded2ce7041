import type { PolicyScalar } from './control.ts';

/** A value of a policy as a message shows it: on one line, and not longer than one can read. */
export function shownScalar(value: PolicyScalar): string {
  if (typeof value === 'number') return String(value);
  const text = value === null ? 'nil' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
