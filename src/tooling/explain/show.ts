import { safeGuestName } from '../../model/guest-name.ts';
import { Callable, Entity, isList, Row, type Value } from '../../policy/index.ts';

/** Significant digits of a fraction. */
export const DIGITS = 3;
/** Significant digits of a double. */
const MAX_DIGITS = 15;
const SIZES = ['KiB', 'MiB', 'GiB', 'TiB'] as const;
const TEXT = 60;
const SMALL = 10;

/** A value with its unit, for people: KiB as `3.1 GiB`, a ratio as `0.20`. */
export function shown(value: Value | undefined, unit: string | null, digits = DIGITS): string {
  if (value === undefined) return 'not evaluated';
  if (value === null) return 'nil';
  if (typeof value === 'number') return quantity(value, unit, digits);
  if (typeof value === 'string') return JSON.stringify(value.length > TEXT ? `${value.slice(0, TEXT - 1)}…` : value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Entity) return value.guest ? safeGuestName(value.guest.name) : 'Host';
  if (value instanceof Callable) return value.name;
  if (value instanceof Row) return 'a sample';
  return isList(value) ? `a list of ${value.length}` : '';
}

/** Two numbers of one unit, with enough digits to tell them apart. */
export function shownDistinct(
  a: Value | undefined,
  b: Value | undefined,
  unit: string | null,
): readonly [string, string] {
  for (let digits = DIGITS; ; digits += 1) {
    const texts = [shown(a, unit, digits), shown(b, unit, digits)] as const;
    if (texts[0] !== texts[1] || a === b || digits === MAX_DIGITS) return texts;
  }
}

function quantity(value: number, unit: string | null, digits: number): string {
  switch (unit) {
    case 'KiB':
      return size(value, digits);
    case 'bytes':
      return size(value / 1024, digits);
    case '%':
      return `${figure(value, digits)}%`;
    case null:
    case 'ratio':
      return figure(value, digits);
    default:
      return `${figure(value, digits)} ${unit}`;
  }
}

function size(kib: number, digits: number): string {
  let at = 0;
  let amount = kib;
  // 1024 MiB after rounding is 1 GiB.
  while (Math.abs(rounded(amount, digits)) >= 1024 && at < SIZES.length - 1) {
    amount /= 1024;
    at += 1;
  }
  return `${rounded(amount, digits)} ${SIZES[at]}`;
}

/** Integers unchanged; small numbers with at least two decimals, so that 0.2 looks like the 0.20 that it is compared with. */
function figure(value: number, digits: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  const short = rounded(value, digits);
  const text = String(short);
  return Math.abs(short) < SMALL && /^-?\d+(?:\.\d)?$/.test(text) ? short.toFixed(2) : text;
}

/** Rounds to significant digits, but never beyond the decimal point. */
function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(Math.max(digits, wholeDigits(value))));
}

function wholeDigits(value: number): number {
  return Math.min(MAX_DIGITS, String(Math.trunc(Math.abs(value))).length);
}

/** The numbers in a message of a controller or guard, in KiB there, like the others of an explanation. Names keep their digits. */
export function inUnit(message: string, unit: string | null): string {
  if (unit !== 'KiB') return message;
  return message.replace(
    /(?<![\w.:/-])\d{4,15}(?:\.\d+)?(?![\w%/-]|\.\d| ?(?:[KMGT]i?B|ms|s|pages|KiB)\b)/g,
    (number) => shown(Number(number), unit),
  );
}
