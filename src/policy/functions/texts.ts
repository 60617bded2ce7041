import type { PlainFunction } from './plain-function.ts';
import { RE2JS, RE2JSException } from 're2js';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { payForText, payForWideNumber } from '../values/costs.ts';
import { patternSize } from './pattern-size.ts';
import { joined, textAt } from './text-arguments.ts';
import { asNumber, describe, type CallContext, type Value } from '../values/values.ts';

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

function shown(name: string, value: Value, args: readonly Value[], context: CallContext): string {
  if (typeof value === 'string') return value;
  const number = asNumber(value);
  if (typeof number === 'bigint') payForWideNumber(context.limits.wholeNumberBits, context);
  return number !== undefined
    ? String(value)
    : context.fail(catalogue.operands(name, 'texts and numbers', describe(value), context.nilHint(args)));
}
