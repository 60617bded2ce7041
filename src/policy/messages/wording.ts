import type { Span } from '../text/source.ts';
import { FOREIGN_SIGNS } from './foreign.ts';

// Wording shared by several messages of the catalogue.

/** A wrong word and its most likely replacement. */
export interface Fix {
  readonly wrong: string;
  readonly right: string;
  /** Where the wrong text is, if not in the range of the message. */
  readonly span?: Span;
}

/** What would be right, also as a change of the text if it is one. */
export interface Advice {
  readonly hint: string;
  readonly fix: Fix | null;
}

/** An entry of the catalogue: its code is known to the compiler, so that {@link FaultCode} lists all of them. */
export const fault = <Code extends string>(
  code: Code,
  message: string,
  hint: string | null = null,
  fix: Fix | null = null,
) => ({ code, message, hint, ...(fix && { fix }) });

export const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
export const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
/** `a, b and c` */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
/** An unknown name, with a similarly spelt one or else a hint. */
export function unknown<Code extends string>(
  code: Code,
  what: string,
  name: string,
  near: string | null,
  hint: string | null = null,
) {
  if (name === '') return fault(code, `the ${what} name is empty`, 'put the name in the quotes or after the dot');
  const message = `unknown ${what} ${quoted(name)}`;
  return near === null
    ? fault(code, message, hint)
    : fault(code, `${message}; did you mean ${quoted(near)}?`, null, { wrong: name, right: near });
}

export const guestLoop = (name: string): string => `a guest has a name only inside a loop: (with Guests ${name} BODY)`;

export function strayHint(text: string): string | null {
  if (text.startsWith(';') || text === '//') return 'a comment begins with #';
  if (text.startsWith('=')) return 'compare with ==; set a variable with (defvar NAME VALUE)';
  if (/^[\p{L}\p{M}]/u.test(text))
    return 'names consist of a-z, A-Z, digits, _, . and -; other letters are allowed only in texts and comments';
  if (/^[\u2018-\u201f]/.test(text)) return `use straight quotes: "…" or '…'`;
  return FOREIGN_SIGNS.get(text.charAt(0)) ?? null;
}

export function argumentCount(min: number, max: number): string {
  if (min === max) return min === 0 ? 'no arguments' : times(min, 'argument');
  if (max === Infinity) return `at least ${times(min, 'argument')}`;
  return `${min} to ${max} arguments`;
}
