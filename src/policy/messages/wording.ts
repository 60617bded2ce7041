import { FOREIGN_SIGNS } from './foreign.ts';

// The sentences and parts of sentences that several messages of the catalogue share.

/** A word of the text and what it should most likely be. */
export interface Fix {
  readonly wrong: string;
  readonly right: string;
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
/** A name that does not exist: with one that is spelt alike, or else a hint. */
export function unknown<Code extends string>(
  code: Code,
  what: string,
  name: string,
  near: string | null,
  hint: string | null = null,
) {
  if (name === '')
    return fault(
      code,
      `no ${what} has an empty name`,
      `the name of the ${what} stands in the quotes, or after the dot`,
    );
  const message = `unknown ${what} ${quoted(name)}`;
  return near === null
    ? fault(code, message, hint)
    : fault(code, `${message}; did you mean ${quoted(near)}?`, null, { wrong: name, right: near });
}

export const guestLoop = (name: string): string =>
  `a guest has a name only inside of a loop: (with Guests ${name} BODY)`;

export function strayHint(text: string): string | null {
  if (text.startsWith(';')) return 'a comment begins with #';
  if (text.startsWith('=')) return 'equality is ==, and (defvar NAME VALUE) gives a name a value';
  if (/^[\p{L}\p{M}]/u.test(text))
    return 'a name has the letters a to z and A to Z, digits, _, . and -; any others stand in texts and comments only';
  if (/^[\u2018-\u201f]/.test(text)) return `a text stands in straight quotes: "…" or '…'`;
  return FOREIGN_SIGNS.get(text.charAt(0)) ?? null;
}

export function argumentCount(min: number, max: number): string {
  if (min === max) return min === 0 ? 'no arguments' : times(min, 'argument');
  if (max === Infinity) return `at least ${times(min, 'argument')}`;
  return `${min} to ${max} arguments`;
}
