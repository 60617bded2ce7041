import type { PlainFunction } from './plain-function.ts';
import { RE2JS, RE2JSException } from 're2js';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { payForNewText, payForText, payForWideNumber } from '../values/costs.ts';
import { patternSize } from './pattern-size.ts';
import { asNumber, describe, show, type CallContext, type Value } from '../values/values.ts';

/** Maximum length in UTF-16 units. */
const MAX_PATTERN_LENGTH = 1_000;
/** Parts of a pattern with its repetitions written out: each is an instruction of the compiled pattern, of about 400 bytes. */
const MAX_PATTERN_SIZE = 5_000;
/** Parts times UTF-16 units of one search, which cannot be interrupted. */
const MAX_SEARCH = 1_048_576;
/** Bytes of the compiled patterns that are kept, by estimate. */
const MAX_CACHED_BYTES = 50_000_000;
const PART_BYTES = 400;
/** Searching keeps the states that it finds, up to a limit of the library. */
const UNIT_BYTES = 1_024;
const MAX_STATES_BYTES = 8_388_608;

interface CompiledPattern {
  readonly matcher: (text: string) => { find(): boolean };
  stateBytes: number;
}

const compiled = new Map<string, CompiledPattern>();
let compiledBytes = 0;

export const startsWith: PlainFunction = (args, context) => {
  const text = textAt('starts-with', 0, args, context);
  const start = textAt('starts-with', 1, args, context);
  payForText(Math.min(text.length, start.length), context);
  return text.startsWith(start);
};

/** Whether the pattern matches anywhere in the text. RE2 takes time linear in the length of the text. */
export const matches: PlainFunction = (args, context) => {
  const text = textAt('matches', 0, args, context);
  const pattern = textAt('matches', 1, args, context);
  const fault = sizeFault(pattern);
  if (fault) return context.fail(fault);
  const size = patternSize(pattern);
  if (text.length * size > MAX_SEARCH) return context.fail(catalogue.patternTooMuch(size, text.length));
  // A cached pattern costs the same: the step count must not depend on earlier evaluations.
  context.charge(1 + size * 4 + Math.ceil((text.length * size) / 16));
  const read = readPattern(pattern, size);
  if (!('matcher' in read)) return context.fail(read);
  const stateBytes = Math.min(MAX_STATES_BYTES, read.stateBytes + text.length * UNIT_BYTES);
  compiledBytes += stateBytes - read.stateBytes;
  read.stateBytes = stateBytes;
  return read.matcher(text).find();
};

/** The problem with a pattern; null if it is valid. @param sizeLeft parts that may be compiled to find out; more are not */
export function patternFault(pattern: string, sizeLeft = MAX_PATTERN_SIZE): Fault | null {
  const fault = sizeFault(pattern);
  if (fault) return fault;
  const size = patternSize(pattern);
  if (size > sizeLeft) return null;
  const read = readPattern(pattern, size);
  return 'matcher' in read ? null : read;
}

function sizeFault(pattern: string): Fault | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return catalogue.patternTooLong(MAX_PATTERN_LENGTH);
  const size = patternSize(pattern);
  return size > MAX_PATTERN_SIZE ? catalogue.patternTooLarge(size, MAX_PATTERN_SIZE) : null;
}

function readPattern(pattern: string, size: number): CompiledPattern | Fault {
  const known = compiled.get(pattern);
  if (known) return known;
  const code = compilePattern(pattern);
  if (typeof code === 'string') return catalogue.badPattern(pattern, code);
  const bytes = size * PART_BYTES;
  if (compiledBytes + bytes > MAX_CACHED_BYTES) {
    compiled.clear();
    compiledBytes = 0;
  }
  compiledBytes += bytes;
  const entry: CompiledPattern = { matcher: (text) => code.matcher(text), stateBytes: 0 };
  compiled.set(pattern, entry);
  return entry;
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
  if (places.length !== given) {
    const printf = /%[-+ 0-9.]*[a-zA-Z]|\$\{?[A-Za-z_]\w*\}?/.exec(template)?.[0] ?? null;
    return catalogue.placeholders(places.length, given, printf);
  }
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
  payForNewText(length, context);
  return parts.join('');
}

function shown(name: string, value: Value, args: readonly Value[], context: CallContext): string {
  if (typeof value === 'string') return value;
  const number = asNumber(value);
  if (typeof number === 'bigint') payForWideNumber(context.limits.wholeNumberBits, context);
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
