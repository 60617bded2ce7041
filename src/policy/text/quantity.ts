import type { Unit } from '../../model/units.ts';

/** A unit of number literals, and the base unit of the parsed value. */
export interface LiteralUnit {
  readonly suffix: string;
  readonly base: 'KiB' | 's' | 'ratio' | 'pages';
  /** One of this unit is `times / per` of the base unit; both are exact in a double. */
  readonly times: number;
  readonly per: number;
}

const unit = (suffix: string, base: LiteralUnit['base'], times: number, per = 1): LiteralUnit => ({
  suffix,
  base,
  times,
  per,
});

/** All suffixes; if one is the prefix of another, the longer one is first. */
export const LITERAL_UNITS: readonly LiteralUnit[] = [
  unit('bytes', 'KiB', 1, 1024),
  unit('KiB', 'KiB', 1),
  unit('MiB', 'KiB', 1024),
  unit('GiB', 'KiB', 1024 ** 2),
  unit('TiB', 'KiB', 1024 ** 3),
  unit('pages', 'pages', 1),
  unit('us', 's', 1, 1_000_000),
  unit('ms', 's', 1, 1_000),
  unit('min', 's', 60),
  unit('s', 's', 1),
  unit('h', 's', 3_600),
  unit('d', 's', 86_400),
  unit('%', 'ratio', 1, 100),
];

/** The suffixes that are words. */
export const NAMED_UNITS: readonly string[] = LITERAL_UNITS.map(({ suffix }) => suffix).filter(
  (suffix) => suffix !== '%',
);

const BY_SUFFIX: ReadonlyMap<string, LiteralUnit> = new Map(LITERAL_UNITS.map((each) => [each.suffix, each]));

export function literalUnit(suffix: string): LiteralUnit | undefined {
  return BY_SUFFIX.get(suffix);
}

/** A literal such as `512MiB`: its number as written, and its unit. */
export interface Quantity {
  readonly number: string;
  readonly unit: LiteralUnit;
}

/** The number and unit of a literal; null if the text is not a literal with a unit. */
export function readQuantity(text: string): Quantity | null {
  const [, number, suffix] = /^(-?(?:[0-9]+|[0-9]*\.[0-9]+))([A-Za-z]+|%)$/.exec(text) ?? [];
  const unit = suffix === undefined ? undefined : literalUnit(suffix);
  return number !== undefined && unit ? { number, unit } : null;
}

/** 10 ** POWER is a multiple of every `per`, so that a division becomes a multiplication by an integer and a decimal shift. */
const POWER = 10;

/**
 * The number in the base unit, times `factor`. Computed in decimal and rounded once, so that 0.07% equals 0.0007, not the
 * neighbouring double that 0.07 / 100 would give.
 */
export function inBase({ number, unit: { times, per } }: Quantity, factor = 1): number {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)([0-9]*)(?:\.([0-9]*))?$/.exec(number) ?? [];
  const digits = BigInt(whole + decimals) * BigInt(times * factor) * BigInt(10 ** POWER / per);
  return Number(`${sign}${digits}e-${decimals.length + POWER}`);
}

/** Size of the base unit in each unit. Excludes pages, whose size depends on the counter. */
const PER_BASE: Readonly<Record<LiteralUnit['base'], Partial<Record<Unit, number>>>> = {
  KiB: { KiB: 1, bytes: 1024 },
  s: { s: 1, ms: 1_000, us: 1_000_000 },
  ratio: { ratio: 1, '%': 100 },
  pages: { pages: 1 },
};

/** Converts a quantity such as `512MiB` to the unit; null if the dimension differs. */
export function quantityIn(text: string, unit: Unit): { readonly value: number } | null {
  const quantity = readQuantity(text);
  const factor = quantity && PER_BASE[quantity.unit.base][unit];
  return quantity && factor !== undefined && factor !== null ? { value: inBase(quantity, factor) } : null;
}
