import type { ParamOverride } from '../model/parameter.ts';
import { bindOverrides, faultText, written, type Param, type Program } from '../policy/index.ts';
import { literalUnit } from '../policy/text/quantity.ts';

/** A parameter that is varied between two values, in the base unit of its dimension. */
export interface Dimension {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** The value of today, as written. */
  readonly today: string;
  /** The unit that values are written in; empty: none. */
  readonly unit: string;
  /** Only whole numbers. */
  readonly isWhole: boolean;
}

/** `to` is at least so many times `from`: then values are spread evenly over factors, not over differences. */
const WIDE = 10;

/** Digits of a value. More would say nothing, and nobody wants to read them. */
const DIGITS = 3;

/**
 * What may be varied: `spare_share=5%..40%`, or `spare_share` alone for all values that the policy allows.
 * @param today values that are set, in effect instead of those of the policy
 */
export function readDimension(
  text: string,
  declared: Pick<Program, 'params' | 'fixed' | 'reads'>,
  today: readonly ParamOverride[],
): Dimension | { readonly problem: string } {
  const [name, range] = splitOnce(text, '=');
  const [fromText, toText] = range === null ? [null, null] : splitOnce(range, '..');
  const param = declared.params.find((each) => each.name === name);
  if (param === undefined || declared.fixed.has(name)) {
    const { wrong } = bindOverrides(declared, [{ name, target: { kind: 'all' }, given: 0 }]);
    return { problem: faultText(wrong[0]!.fault) };
  }
  if (typeof param.value.value === 'string')
    return {
      problem: `${name} is a text (${param.choices === null ? written(param.value) : `one of ${param.choices.map(written).join(', ')}`}): only numbers can be varied`,
    };
  if (range !== null && toText === null)
    return { problem: `${name}=${range} is not a range; write one such as ${name}=${exampleOf(param)}` };
  const ends = [fromText ?? (param.min && written(param.min)), toText ?? (param.max && written(param.max))];
  const values: number[] = [];
  for (const end of ends) {
    if (end === null)
      return { problem: `${name} has no range in the policy; write one such as --param ${name}=${exampleOf(param)}` };
    const read = bindOverrides(declared, [{ name, target: { kind: 'all' }, given: end }]);
    if (read.wrong.length > 0) return { problem: `${name}: ${faultText(read.wrong[0]!.fault)}` };
    values.push(read.bound[0]!.value as number);
  }
  const [from, to] = values as [number, number];
  if (from >= to) return { problem: `${name}=${range ?? ''}: the first value must be less than the second` };
  const set = today.find((each) => each.name === name && each.target.kind === 'all');
  const own = set === undefined ? written(param.value) : String(set.given);
  const unit = param.value.unit ?? '';
  const isWhole = (unit === '' || unit === 'pages') && [from, to, param.value.value].every(Number.isInteger);
  return { name, from, to, today: own, unit, isWhole };
}

/** The value at a share from 0 to 1 of the range, as it is written. It is always in the range. */
export function valueAt({ from, to, unit, isWhole }: Dimension, share: number): string {
  const isWide = from > 0 && to >= WIDE * from;
  const exact = isWide ? from * (to / from) ** share : from + (to - from) * share;
  const { times, per } = literalUnit(unit) ?? { times: 1, per: 1 };
  const inUnit = (value: number): number => (value * per) / times;
  const rounded = isWhole ? Math.round(inUnit(exact)) : Number(inUnit(exact).toPrecision(DIGITS));
  const within = Math.min(Math.max(rounded, inUnit(from)), inUnit(to));
  return `${plain(within)}${unit}`;
}

/** Without an exponent, which policies do not have. */
function plain(value: number): string {
  return value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 9 });
}

function splitOnce(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + separator.length)];
}

function exampleOf({ min, max, value }: Param): string {
  return `${min === null ? written(value) : written(min)}..${max === null ? written(value) : written(max)}`;
}
