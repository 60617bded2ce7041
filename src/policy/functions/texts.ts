import type { PlainFunction } from './plain-function.ts';
import { RE2JS, RE2JSException } from 're2js';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { asNumber, describe, show, type CallContext, type Value } from '../values/values.ts';

/** Maximum length in UTF-16 units. */
const MAX_PATTERN_LENGTH = 1_000;
/** Number of compiled patterns cached. */
const MAX_CACHED = 256;

const compiled = new Map<string, RE2JS>();

export const startsWith: PlainFunction = (args, context) =>
  textAt('starts-with', 0, args, context).startsWith(textAt('starts-with', 1, args, context));

/** Whether the pattern matches anywhere in the text. RE2 takes time linear in the length of the text. */
export const matches: PlainFunction = (args, context) => {
  const text = textAt('matches', 0, args, context);
  const pattern = textAt('matches', 1, args, context);
  // A cached pattern costs the same: the step count must not depend on earlier evaluations.
  context.charge(1 + pattern.length * 4 + Math.ceil((text.length * pattern.length) / 16));
  return patternOf(pattern, context).matcher(text).find();
};

/** The problem with a pattern; null if it is valid. */
export function patternFault(pattern: string): Fault | null {
  const read = readPattern(pattern);
  return read instanceof RE2JS ? null : read;
}

function patternOf(pattern: string, context: CallContext): RE2JS {
  const read = readPattern(pattern);
  return read instanceof RE2JS ? read : context.fail(read);
}

function readPattern(pattern: string): RE2JS | Fault {
  const known = compiled.get(pattern);
  if (known) return known;
  if (pattern.length > MAX_PATTERN_LENGTH) return catalogue.patternTooLong(MAX_PATTERN_LENGTH);
  const result = compilePattern(pattern);
  if (typeof result === 'string') return catalogue.badPattern(pattern, result);
  if (compiled.size >= MAX_CACHED) compiled.clear();
  compiled.set(pattern, result);
  return result;
}

function compilePattern(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return error.message;
    throw error;
  }
}

export const concat: PlainFunction = (args, context) =>
  joined(
    args.map((value) => shown('concat', value, args, context)),
    context,
  );

/** The placeholders of `format` and how each formats a number. */
const PLACES: readonly {
  readonly form: string;
  readonly match: RegExp;
  readonly show: (x: number, match: RegExpExecArray) => string;
}[] = [
  { form: '{:.1}', match: /^:\.([0-9])$/, show: (x, [, digits]) => x.toFixed(Number(digits)) },
  { form: '{:size}', match: /^:size$/, show: (kib) => sizeText(kib) },
  { form: '{:percent}', match: /^:percent$/, show: (ratio) => `${Number((ratio * 100).toFixed(1))}%` },
];

/** Splits a template into text, placeholders and escaped braces. */
const PIECES = /(\{\{|\}\}|\{[^{}]*\})/;

/** The placeholders of a `format` template: `{}`, `{:size}`. */
export function placesOf(template: string): readonly string[] {
  return template.split(PIECES).filter((piece) => /^\{[^{]*\}$/.test(piece));
}

/** The problem with a template, regardless of the values; null if it is valid. */
export function templateFault(template: string, given: number): Fault | null {
  const places = placesOf(template);
  if (places.length !== given) return catalogue.placeholders(places.length, given);
  const unknown = places.find((piece) => piece !== '{}' && placeFor(piece) === null);
  return unknown === undefined ? null : catalogue.badPlaceholder(unknown, ['{}', ...PLACES.map(({ form }) => form)]);
}

function placeFor(piece: string): ((x: number) => string) | null {
  for (const place of PLACES) {
    const match = place.match.exec(piece.slice(1, -1));
    if (match) return (x) => place.show(x, match);
  }
  return null;
}

/** `{}` shows a value unchanged; `{{` is a brace. */
export const format: PlainFunction = (args, context) => {
  const template = textAt('format', 0, args, context);
  context.charge(template.length);
  const values = args.slice(1);
  const pieces = template.split(PIECES);
  const fault = templateFault(template, values.length);
  if (fault) return context.fail(fault);
  let next = 0;
  const texts = pieces.map((piece, at) => {
    if (at % 2 === 0) return piece;
    if (piece === '{{' || piece === '}}') return piece.charAt(0);
    return filled(piece, values[next++] as Value, args, context);
  });
  return joined(texts, context);
};

function filled(piece: string, value: Value, args: readonly Value[], context: CallContext): string {
  const showNumber = placeFor(piece);
  // In a valid template, only {} accepts any value.
  if (showNumber === null) return value === null ? 'nil' : show(value, context);
  const number = asNumber(value);
  return number === undefined
    ? context.fail(catalogue.operands(piece, 'a number', describe(value), context.nilHint(args)))
    : showNumber(Number(number));
}

const SIZES = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Formats KiB: `1.5 GiB`. */
export function sizeText(kib: number): string {
  let size = kib;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${Number(size.toFixed(Math.abs(size) < 10 ? 2 : 1))} ${SIZES[unit]}`;
}

function joined(parts: readonly string[], context: CallContext): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const { textLength } = context.limits;
  if (length > textLength) context.fail(catalogue.textLength(textLength));
  context.charge(parts.length);
  return parts.join('');
}

function shown(name: string, value: Value, args: readonly Value[], context: CallContext): string {
  if (typeof value === 'string') return value;
  const number = asNumber(value);
  return number !== undefined
    ? String(value)
    : context.fail(catalogue.operands(name, 'texts and numbers', describe(value), context.nilHint(args)));
}

function textAt(name: string, index: number, args: readonly Value[], context: CallContext): string {
  const value = args[index] ?? null;
  return typeof value === 'string'
    ? value
    : context.fail(catalogue.operands(name, 'texts', describe(value), context.nilHint(args)));
}
