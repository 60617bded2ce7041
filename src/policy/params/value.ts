import { suggest } from '../../support/suggest.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Literal, Param } from '../forms/forms.ts';
import { DEFAULT_LIMITS } from '../limits/limits.ts';
import { parse } from '../parser/parser.ts';
import { literalUnit } from '../text/quantity.ts';
import { SourceText, spanText } from '../text/source.ts';

/** The dimension of a unit: literals of one dimension are comparable. */
export function dimensionOf(unit: string | null): string {
  return (unit === null ? undefined : literalUnit(unit)?.base) ?? 'number';
}

/** `1% to 90%`; null without bounds. */
export function rangeText({ min, max }: Pick<Param, 'min' | 'max'>): string | null {
  if (min === null && max === null) return null;
  if (max === null) return `at least ${written(min as Literal)}`;
  return min === null ? `at most ${written(max)}` : `${written(min)} to ${written(max)}`;
}

/** The texts that a parameter can have; null: any, or it is a number. */
export function choicesOf({ choices }: Pick<Param, 'choices'>): readonly string[] | null {
  return choices && choices.map(({ value }) => String(value));
}

/** A literal as written in the policy. */
export function written({ span }: Literal): string {
  return spanText(span);
}

export function isInRange(value: number, { min, max }: Pick<Param, 'min' | 'max'>): boolean {
  return (min === null || value >= (min.value as number)) && (max === null || value <= (max.value as number));
}

/** A valid value. */
interface ReadValue {
  readonly value: number | string;
  /** A reason why it may still be a mistake. */
  readonly warning: Fault | null;
}

/**
 * Reads an operator's value for a parameter. Numbers are written as in the language; without a unit they are in
 * the base unit of the parameter's dimension (KiB, s, 0.2 for 20%).
 */
export function readParamValue(param: Param, given: number | string): ReadValue | { readonly fault: Fault } {
  if (typeof param.value.value === 'string') {
    if (typeof given !== 'string') return { fault: catalogue.paramText(String(given)) };
    const choices = choicesOf(param);
    if (choices !== null && !choices.includes(given))
      return { fault: catalogue.paramChoice(given, choices, suggest(given, choices)) };
    return { value: given, warning: null };
  }
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
        (unit === null ? inUnit(param, given) : null) ?? negated(param, String(given), value),
      ),
    };
  // Without a maximum, 25 for a default of 20% is a forgotten percent sign, not 2500%.
  if (unit === null && param.value.unit === '%' && param.max === null && value > 1) {
    return { fault: catalogue.paramShare(String(given), `${Number((value * 100).toPrecision(15))}%`) };
  }
  return { value, warning: unit === null ? warningFor(param, given, value) : null };
}

/** A plain number for a default such as 1GiB may be meant in the default's unit. For 30s, 20% or 100pages it is unambiguous. */
function warningFor(param: Param, given: number | string, value: number): Fault | null {
  const { base, suffix } = (param.value.unit !== null && literalUnit(param.value.unit)) || {};
  if ((base !== 'KiB' && base !== 's') || suffix === base || value === 0) return null;
  const plain = readNumber(`${given}${base}`) ? given : value;
  return catalogue.paramPlain(
    String(given),
    `${plain} ${base}`,
    [`${plain}${base}`, inUnit(param, plain)].filter((each) => each !== null),
  );
}

/** An override's value for messages: a string in quotes, a number as written. */
export function givenText({
  given,
  value,
}: {
  readonly given: number | string;
  readonly value: number | string;
}): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(given);
}

/** The number with the default's unit, if that is in range. */
function inUnit(param: Param, given: number | string): string | null {
  const { unit } = param.value;
  const number = unit === null ? null : readNumber(`${given}${unit}`);
  return number !== null && isInRange(number.value, param) ? `${given}${unit}` : null;
}

/** The number with the sign of the default, if that is in range. */
function negated(param: Param, given: string, value: number): string | null {
  const byDefault = param.value.value;
  if (typeof byDefault !== 'number' || byDefault * value >= 0 || !isInRange(-value, param)) return null;
  return given.startsWith('-') ? given.slice(1) : `-${given}`;
}

/** Parses a string that is exactly one number literal; null otherwise. */
function readNumber(text: string): { readonly value: number; readonly unit: string | null } | null {
  const { file, diagnostics } = parse(new SourceText({ file: '', text }), DEFAULT_LIMITS);
  const [node, ...more] = file.expressions;
  return node?.kind === 'number' && more.length === 0 && diagnostics.length === 0 ? node : null;
}
