import type { Unit } from '../../model/units.ts';

/** The measure of a number: a unit, or a product of powers of units. */
export interface Measure {
  /** For messages: `KiB`, `KiB/s`, `ratio`. */
  readonly text: string;
  /** The exponent of each unit; empty is a ratio. null: the number takes the unit of the other operand, or its unit is unknown. */
  readonly powers: ReadonlyMap<string, number> | null;
}

/** A number without a unit: it takes the unit of the other operand. */
export const PLAIN: Measure = { text: 'plain', powers: null };

/** A number whose unit the text does not show. */
export const UNCLEAR: Measure = { text: 'unclear', powers: null };

const known = new Map<string, Measure>();

function measure(powers: ReadonlyMap<string, number>): Measure {
  const text = written(powers);
  let found = known.get(text);
  if (!found) known.set(text, (found = { text, powers }));
  return found;
}

function written(powers: ReadonlyMap<string, number>): string {
  const factors = [...powers].sort(([a], [b]) => (a < b ? -1 : 1));
  const part = (sign: 1 | -1): string =>
    factors
      .filter(([, power]) => power * sign > 0)
      .map(([unit, power]) => (Math.abs(power) === 1 ? unit : `${unit}^${Math.abs(power)}`))
      .join('·');
  const [above, below] = [part(1), part(-1)];
  if (below === '') return above === '' ? 'ratio' : above;
  if (above === '' && below === 's') return 'per second';
  return `${above === '' ? '1' : above}/${below}`;
}

export const RATIO = measure(new Map());
/** A ratio of a part to its whole: 0 to 1. */
export const SHARE: Measure = { text: 'ratio', powers: RATIO.powers };
export const COUNT = measure(new Map([['count', 1]]));
export const SECONDS = measure(new Map([['s', 1]]));

const ofUnit = new Map<Unit, Measure>([
  ['none', PLAIN],
  ['ratio', RATIO],
  ['per second', measure(new Map([['s', -1]]))],
  [
    'KiB/pages',
    measure(
      new Map([
        ['KiB', 1],
        ['pages', -1],
      ]),
    ),
  ],
]);

/** The measure of a declared unit. */
export function measureOf(unit: Unit): Measure {
  let found = ofUnit.get(unit);
  if (!found) ofUnit.set(unit, (found = measure(new Map([[unit, 1]]))));
  return found;
}

/** Whether numbers of the two can be added and compared. Ratios and counts have no unit that could differ. */
export function fits(a: Measure, b: Measure): boolean {
  if (a === b || a.powers === null || b.powers === null) return true;
  if (isNumber(a) && isNumber(b)) return true;
  // `per second` does not name what is counted.
  return (isPerSecond(a) && b.powers.get('s') === -1) || (isPerSecond(b) && a.powers.get('s') === -1);
}

function isNumber(each: Measure): boolean {
  return isRatio(each) || each === COUNT;
}

function isRatio(each: Measure): boolean {
  return each === RATIO || each === SHARE;
}

function isPerSecond({ text }: Measure): boolean {
  return text === 'per second';
}

/** The measure of a sum, or of a value with either measure. */
export function common(a: Measure, b: Measure): Measure {
  if (a === b) return a;
  if (b === PLAIN) return beyondShare(a);
  if (a === PLAIN) return beyondShare(b);
  return isRatio(a) && isRatio(b) ? RATIO : UNCLEAR;
}

/** A share whose value may exceed 1 is only a ratio. */
export function beyondShare(each: Measure): Measure {
  return each === SHARE ? RATIO : each;
}

/**
 * The measure of a product (`sign` 1) or a quotient (-1).
 * @param factor the second number if it is a literal; for a product also the first
 */
export function product(a: Measure, b: Measure, sign: 1 | -1, factor: number | null): Measure {
  if (a === PLAIN && b === PLAIN) return PLAIN;
  if (a === UNCLEAR || b === UNCLEAR) return UNCLEAR;
  if (b === PLAIN) return scaled(a, factor);
  if (a === PLAIN) return sign === 1 ? scaled(b, factor) : UNCLEAR;
  const powers = new Map(a.powers);
  for (const [unit, power] of b.powers as ReadonlyMap<string, number>)
    powers.set(unit, (powers.get(unit) ?? 0) + sign * power);
  // A count times a unit has that unit.
  if (powers.size > 1 || sign === -1) powers.delete('count');
  for (const [unit, power] of powers) if (power === 0) powers.delete(unit);
  return measure(powers);
}

/** Multiplying by a constant keeps the unit, unless the constant is typical of conversions (4, 100, 1024, 3600). */
function scaled(each: Measure, factor: number | null): Measure {
  return factor === null || converts(Math.abs(factor)) ? UNCLEAR : beyondShare(each);
}

/** Seconds or minutes per longer unit. */
const CLOCK: ReadonlySet<number> = new Set([60, 3_600, 86_400, 60_000]);

function converts(factor: number): boolean {
  if (!(factor > 0)) return false;
  const large = factor < 1 ? 1 / factor : factor;
  return (
    CLOCK.has(large) ||
    (large >= 4 && Number.isInteger(Math.log2(large))) ||
    (large >= 100 && Number.isInteger(Math.log10(large)))
  );
}

/** A measure per second. */
export function perSecond(each: Measure): Measure {
  return each.powers === null ? UNCLEAR : product(each, SECONDS, -1, null);
}
