import type { IToken } from 'chevrotain';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { Text, UnclosedText } from './tokens.ts';

/** Whether a character may follow a text: otherwise the quote there was meant to begin one. */
const MAY_FOLLOW = /[\s)\]}#;,]/;

/** The place of a quote without a partner. */
export interface Torn {
  readonly start: number;
  readonly fault: Fault;
}

/**
 * Where a quote is missing; null if none is. Without a closing quote, a text ends where the next one was to begin, so the parser
 * finds the last quote of the file without a partner. The text that really lacks one is the first that ends directly before a word.
 */
export function tornText(tokens: readonly IToken[], text: string): Torn | null {
  const last = tokens.at(-1);
  if (last?.tokenType !== UnclosedText) return null;
  return tornAt((tokens.find((token) => endsBeforeAWord(token, text)) ?? last).startOffset, text);
}

/**
 * Two missing quotes leave none over. The text between them spans lines and ends directly before a word, which MOM accepts: it is a
 * mistake only if the file has others.
 */
export function suspectText(tokens: readonly IToken[], text: string): Torn | null {
  const torn = tokens.find((token) => /[\r\n]/.test(token.image) && endsBeforeAWord(token, text));
  return torn ? tornAt(torn.startOffset, text) : null;
}

function endsBeforeAWord({ tokenType, startOffset, image }: IToken, text: string): boolean {
  const next = text.charAt(startOffset + image.length);
  return tokenType === Text && next !== '' && !MAY_FOLLOW.test(next);
}

function tornAt(start: number, text: string): Torn {
  const quote = text.charAt(start);
  // `(vm.Control balloon_target" …)` lacks the opening quote.
  const word = /[A-Za-z0-9_.-]*$/.exec(text.slice(Math.max(0, start - 40), start))?.[0] ?? '';
  if (word !== '') return { start, fault: catalogue.unopenedText(quote, word) };
  const [, first = '', next = ''] = /^([A-Za-z0-9_.-]*)([^]?)/.exec(text.slice(start + 1, start + 41)) ?? [];
  return { start, fault: catalogue.unclosedText(quote, first, next === "'" && quote === "'") };
}
