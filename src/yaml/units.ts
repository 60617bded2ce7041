import { SIZE_SPELLINGS, TIME_SPELLINGS } from '../model/unit-spellings.ts';
import { show } from './show.ts';

/** A value, or the problem with the text and a hint (without the name of the key). */
export type Parsed = { readonly value: number } | { readonly problem: string };

interface Scale {
  readonly noun: string;
  /** The noun for a whole number of the smallest unit. */
  readonly smallest: string;
  readonly units: Readonly<Record<string, number>>;
  /** Common misspellings. */
  readonly spellings: ReadonlyMap<string, string>;
  readonly hint: string;
}

const DURATION: Scale = {
  noun: 'a duration',
  smallest: 'milliseconds',
  units: { ms: 1, s: 1000, min: 60_000, h: 3_600_000 },
  spellings: TIME_SPELLINGS,
  hint: 'write a number with ms, s, min or h, such as 5s',
};

const SIZE: Scale = {
  noun: 'a size',
  smallest: 'KiB',
  units: { KiB: 1, MiB: 1024, GiB: 1024 ** 2, TiB: 1024 ** 3 },
  spellings: SIZE_SPELLINGS,
  hint: 'write a number with KiB, MiB, GiB or TiB, such as 512MiB',
};

const QUANTITY = /^([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)$/;
const PERCENTAGE = /^([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%$/;
const FRACTION = /^[0-9](?:\.[0-9]{1,15})?$/;

/** `500ms`, `10s`, `5min`, `1h`: a whole number of milliseconds. */
export function parseDuration(input: unknown): Parsed {
  return parseQuantity(input, DURATION);
}

/** `262144KiB`, `512MiB`, `1.5GiB`, `1TiB`: a whole number of KiB. */
export function parseSize(input: unknown): Parsed {
  return parseQuantity(input, SIZE);
}

/** `25%` or `0.25`: 0 to 1. */
export function parseRatio(input: unknown): Parsed {
  const bad = {
    problem: `${show(input)} is not a ratio; write a percentage such as 25%, or a number from 0 to 1 such as 0.25`,
  };
  let value: number;
  if (typeof input === 'number') value = input;
  else if (typeof input !== 'string') return bad;
  else {
    const percent = PERCENTAGE.exec(input)?.[1];
    if (percent !== undefined) value = Number(percent) / 100;
    else if (FRACTION.test(input)) value = Number(input);
    else return bad;
  }
  return value >= 0 && value <= 1 ? { value } : bad;
}

function parseQuantity(input: unknown, scale: Scale): Parsed {
  const bad = { problem: `${show(input)} is not ${scale.noun}; ${scale.hint}` };
  if (typeof input === 'number')
    return Number.isFinite(input) && input >= 0 ? { problem: unitMissing(String(input), scale) } : bad;
  if (typeof input !== 'string') return bad;

  const [, number, unit] = QUANTITY.exec(input) ?? [];
  if (number === undefined || unit === undefined) return bad;
  if (unit === '') return { problem: unitMissing(number, scale) };

  const factor = Object.hasOwn(scale.units, unit) ? scale.units[unit] : undefined;
  if (factor === undefined) {
    const meant = scale.spellings.get(unit.toLowerCase());
    return meant === undefined || !Object.hasOwn(scale.units, meant)
      ? bad
      : { problem: `${show(input)} is not ${scale.noun}; did you mean ${number}${meant}?` };
  }

  const exact = Number(number) * factor;
  const value = Math.round(exact);
  if (!Number.isSafeInteger(value)) return { problem: `${show(input)} is too large` };
  if (Math.abs(exact - value) > 1e-6) return { problem: `${show(input)} is not a whole number of ${scale.smallest}` };
  return { value };
}

function unitMissing(number: string, scale: Scale): string {
  const units = Object.keys(scale.units).map((unit) => `${number}${unit}`);
  return `${number} has no unit; write ${units.slice(0, -1).join(', ')} or ${units.at(-1)}`;
}
