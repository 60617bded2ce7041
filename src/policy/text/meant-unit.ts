import { SIZE_SPELLINGS, TIME_SPELLINGS } from '../../model/unit-spellings.ts';
import { suggest } from '../../support/suggest.ts';
import { literalUnit, NAMED_UNITS } from './quantity.ts';
import { spanText, type Span } from './source.ts';

/** Alternative spellings of units, in lower case. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([...SIZE_SPELLINGS, ...TIME_SPELLINGS, ['page', 'pages']]);

const NUMBER = /^-?(?:[0-9]+|[0-9]*\.[0-9]+)$/;
const NAME = /^[A-Za-z]+$/;

/** The unit that a name after a number most likely means; null if it resembles none. */
function meantUnit(name: string): string | null {
  // As in other programs, M is a size and m is a time.
  if (name === 'm' || name === 'M') return name === 'm' ? 'min' : 'MiB';
  const known =
    SPELLINGS.get(name.toLowerCase()) ?? NAMED_UNITS.find((unit) => unit.toLowerCase() === name.toLowerCase());
  return known ?? (name.length > 2 ? suggest(name, NAMED_UNITS) : null);
}

/** A number and a name after it that was meant as its unit. */
export interface StrayUnit {
  readonly number: string;
  readonly name: string;
  readonly right: string | null;
  readonly isGlued: boolean;
  /** The range of both. */
  readonly span: Span;
}

/** The first number in a list of items that is followed by a misspelt unit. */
export function strayUnitIn(items: readonly { readonly span: Span }[]): StrayUnit | null {
  for (let at = 1; at < items.length; at += 1) {
    const found = strayUnit((items[at - 1] as { span: Span }).span, (items[at] as { span: Span }).span);
    if (found) return found;
  }
  return null;
}

function strayUnit(number: Span, name: Span): StrayUnit | null {
  const [before, after] = [spanText(number), spanText(name)];
  if (!NUMBER.test(before) || !NAME.test(after)) return null;
  const isGlued = number.end === name.start;
  const right = literalUnit(after) ? after : meantUnit(after);
  // Separated from the number it may be any other name.
  if (!isGlued && right === null) return null;
  return { number: before, name: after, right, isGlued, span: { ...number, end: name.end } };
}

/** The number before an unknown name that was meant as its unit. With a space between them, only exact units count. */
export function unitBehind(name: Span): StrayUnit | null {
  const { source, start } = name;
  const [, number, space] = /(-?[0-9.]*[0-9])([ \t]*)$/.exec(source.text.slice(Math.max(0, start - 40), start)) ?? [];
  if (number === undefined || space === undefined) return null;
  const end = start - space.length;
  const found = strayUnit({ source, start: end - number.length, end }, name);
  return found && (found.isGlued || literalUnit(found.name)) ? found : null;
}
