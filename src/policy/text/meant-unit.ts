import { SIZE_SPELLINGS, TIME_SPELLINGS } from '../../model/unit-spellings.ts';
import { suggest } from '../../support/suggest.ts';
import { literalUnit, NAMED_UNITS } from './quantity.ts';
import { spanText, type Span } from './source.ts';

/** What people write for a unit, in small letters. */
const ALSO: ReadonlyMap<string, string> = new Map([...SIZE_SPELLINGS, ...TIME_SPELLINGS, ['page', 'pages']]);

const NUMBER = /^-?[0-9]*\.?[0-9]+$/;
const NAME = /^[A-Za-z]+$/;

/** The unit that a name behind a number most likely means; null when it resembles none. */
function meantUnit(name: string): string | null {
  // M is a size and m a time, as other programs have it.
  if (name === 'm' || name === 'M') return name === 'm' ? 'min' : 'MiB';
  const known = ALSO.get(name.toLowerCase()) ?? NAMED_UNITS.find((unit) => unit.toLowerCase() === name.toLowerCase());
  return known ?? (name.length > 2 ? suggest(name, NAMED_UNITS) : null);
}

/** A number and a name behind it that was meant for its unit. */
export interface StrayUnit {
  readonly number: string;
  readonly name: string;
  readonly right: string | null;
  readonly isGlued: boolean;
  /** Of both. */
  readonly span: Span;
}

/** The first number among these that the name after it was meant for the unit of. */
export function strayUnitIn(items: readonly { readonly span: Span }[]): StrayUnit | null {
  for (let at = 1; at < items.length; at += 1) {
    const found = strayUnit((items[at - 1] as { span: Span }).span, (items[at] as { span: Span }).span);
    if (found) return found;
  }
  return null;
}

function strayUnit(number: Span, name: Span): StrayUnit | null {
  const [before, behind] = [spanText(number), spanText(name)];
  if (!NUMBER.test(before) || !NAME.test(behind)) return null;
  const isGlued = number.end === name.start;
  const right = literalUnit(behind) ? behind : meantUnit(behind);
  // Apart from the number it may be a name like any other.
  if (!isGlued && right === null) return null;
  return { number: before, name: behind, right, isGlued, span: { ...number, end: name.end } };
}

/** The number before a name that nothing else is called: the name was meant for its unit. Apart from the number only a unit is. */
export function unitBehind(name: Span): StrayUnit | null {
  const { source, start } = name;
  const [, number, space] = /(-?[0-9.]*[0-9])([ \t]*)$/.exec(source.text.slice(Math.max(0, start - 40), start)) ?? [];
  if (number === undefined || space === undefined) return null;
  const end = start - space.length;
  const found = strayUnit({ source, start: end - number.length, end }, name);
  return found && (found.isGlued || literalUnit(found.name)) ? found : null;
}
