import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Literal, Param } from '../forms/forms.ts';
import { DEFAULT_LIMITS } from '../limits/limits.ts';
import { parse } from '../parser/parser.ts';
import { literalUnit } from '../text/quantity.ts';
import { SourceText, spanText } from '../text/source.ts';

/** What a literal measures: two literals of one dimension can be compared. */
export function dimensionOf(unit: string | null): string {
  return (unit === null ? undefined : literalUnit(unit)?.base) ?? 'number';
}

/** `1% to 90%`; null without bounds. */
export function rangeText({ min, max }: Pick<Param, 'min' | 'max'>): string | null {
  if (min === null && max === null) return null;
  if (max === null) return `at least ${written(min as Literal)}`;
  return min === null ? `at most ${written(max)}` : `${written(min)} to ${written(max)}`;
}

/** A literal as the policy has it. */
export function written({ span }: Literal): string {
  return spanText(span);
}

export function isInRange(value: number, { min, max }: Pick<Param, 'min' | 'max'>): boolean {
  return (min === null || value >= (min.value as number)) && (max === null || value <= (max.value as number));
}

/** A value that fits. */
interface ReadValue {
  readonly value: number | string;
  /** What should be said of it all the same. */
  readonly doubt: Fault | null;
}

/**
 * What an operator has written for a parameter, as a value of it. A number is written as in the language; without a unit it is in
 * the base unit of the parameter's dimension (KiB, s, 0.2 for 20%).
 */
export function readParamValue(param: Param, given: number | string): ReadValue | { readonly fault: Fault } {
  if (typeof param.value.value === 'string')
    return typeof given === 'string' ? { value: given, doubt: null } : { fault: catalogue.paramText(String(given)) };
  const byDefault = written(param.value);
  const number = typeof given === 'number' ? { value: given, unit: null } : readNumber(given);
  if (number === null || !Number.isFinite(number.value))
    return { fault: catalogue.paramNumber(String(given), byDefault) };
  const { value, unit } = number;
  if (unit !== null && dimensionOf(unit) !== dimensionOf(param.value.unit))
    return { fault: catalogue.paramUnit(String(given), byDefault) };
  if (!isInRange(value, param))
    return {
      fault: catalogue.paramRange(
        String(given),
        rangeText(param) as string,
        unit === null ? inUnit(param, given) : null,
      ),
    };
  // Without a bound that says otherwise, 25 for 20% is a percent sign that was forgotten, and not 2500%.
  if (unit === null && param.value.unit === '%' && param.max === null && value > 1) {
    return { fault: catalogue.paramShare(String(given), `${Number((value * 100).toPrecision(15))}%`) };
  }
  return { value, doubt: unit === null ? doubtOf(param, given, value) : null };
}

/** A plain number for a default such as 1GiB: it was perhaps meant in the default's unit. One for 30s, 20% or 100pages reads as it is meant. */
function doubtOf(param: Param, given: number | string, value: number): Fault | null {
  const { base, suffix } = (param.value.unit !== null && literalUnit(param.value.unit)) || {};
  if ((base !== 'KiB' && base !== 's') || suffix === base || value === 0) return null;
  const plain = readNumber(`${given}${base}`) ? given : value;
  return catalogue.paramPlain(
    String(given),
    `${plain} ${base}`,
    [`${plain}${base}`, inUnit(param, plain)].filter((each) => each !== null),
  );
}

/** An override's value as messages show it: a text in quotes, a number as it was written. */
export function givenText({
  given,
  value,
}: {
  readonly given: number | string;
  readonly value: number | string;
}): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(given);
}

/** The number with the default's unit, if that would be in range. */
function inUnit(param: Param, given: number | string): string | null {
  const { unit } = param.value;
  const number = unit === null ? null : readNumber(`${given}${unit}`);
  return number !== null && isInRange(number.value, param) ? `${given}${unit}` : null;
}

/** A text as the one number literal that it is; null when it is something else. */
function readNumber(text: string): { readonly value: number; readonly unit: string | null } | null {
  const { file, diagnostics } = parse(new SourceText({ file: '', text }), DEFAULT_LIMITS);
  const [node, ...more] = file.expressions;
  return node?.kind === 'number' && more.length === 0 && diagnostics.length === 0 ? node : null;
}
