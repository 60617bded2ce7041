import type { PlainFunction } from './plain-function.ts';
import { catalogue } from '../messages/catalogue.ts';
import { payForNewList, payForNewText, payForWideNumber } from '../values/costs.ts';
import { asNumber, describe, isList, type CallContext, type Value } from '../values/values.ts';

// The operators for all operands except two numbers, which the compiler inlines.

export const add: PlainFunction = (args, context) => {
  const [a, b] = args as [Value, Value];
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length + b.length > context.limits.textLength) context.fail(catalogue.textLength(context.limits.textLength));
    payForNewText(a.length + b.length, context);
    return a + b;
  }
  if (isList(a) && isList(b)) {
    payForList(a.length + b.length, context);
    return a.concat(b);
  }
  return numeric(
    '+',
    'two numbers, two texts or two lists',
    args,
    context,
    (x, y) => x + y,
    (x, y) => x + y,
  );
};

export const subtract: PlainFunction = (args, context) =>
  numeric(
    '-',
    'two numbers',
    args,
    context,
    (x, y) => x - y,
    (x, y) => x - y,
  );

export const multiply: PlainFunction = (args, context) => {
  const [a, b] = args as [Value, Value];
  const wants = 'two numbers, or a text or list and a whole number';
  if (typeof a === 'string' || isList(a)) return repeat(a, wholeCount(args, 1, wants, context), context);
  if (typeof b === 'string' || isList(b)) return repeat(b, wholeCount(args, 0, wants, context), context);
  return numeric(
    '*',
    wants,
    args,
    context,
    (x, y) => x * y,
    (x, y) => x * y,
  );
};

export const divide: PlainFunction = (args, context) => {
  const [x, y] = numbers('/', 'two numbers', args, context);
  // oxlint-disable-next-line eqeqeq -- 0 may be a number or a bigint
  if (y == 0) context.fail(catalogue.divisionByZero());
  if (typeof x === 'number' && typeof y === 'number') return x / y;
  payForWideNumber(2 * context.limits.wholeNumberBits, context);
  const n = exact(x, args, 0, context);
  const d = exact(y, args, 1, context);
  const quotient = n / d;
  // Far beyond 53 bits the integer part is exact enough; near 53 bits the fraction matters.
  const result = quotient > 2n ** 64n || quotient < -(2n ** 64n) ? Number(quotient) : Number((n << 80n) / d) / 2 ** 80;
  return Number.isFinite(result) ? result : context.fail(catalogue.tooLarge());
};

export const shiftLeft: PlainFunction = (args, context) => {
  const [x, count] = shiftOperands('<<', args, context);
  // oxlint-disable-next-line eqeqeq -- 0 may be a number or a bigint
  if (x == 0) return 0;
  if (typeof x === 'number' && count < 1024 && Number.isFinite(x * 2 ** count)) return x * 2 ** count;
  if (count > context.limits.wholeNumberBits) return context.fail(catalogue.tooLarge());
  payForWideNumber(2 * context.limits.wholeNumberBits, context);
  return bounded(BigInt(x) << BigInt(count), context);
};

export const shiftRight: PlainFunction = (args, context) => {
  const [x, count] = shiftOperands('>>', args, context);
  if (typeof x === 'bigint') payForWideNumber(context.limits.wholeNumberBits, context);
  if (typeof x === 'bigint') return bounded(x >> BigInt(Math.min(count, context.limits.wholeNumberBits)), context);
  if (count >= 1024) return x < 0 ? -1 : 0;
  return Math.floor(x / 2 ** count);
};

export const absolute: PlainFunction = (args, context) => {
  const x = asNumber(args[0] as Value);
  if (x === undefined)
    return context.fail(catalogue.operands('abs', 'a number', describe(args[0] as Value), context.nilHint(args)));
  return x < 0 ? -x : x;
};

function numeric(
  operator: string,
  wants: string,
  args: readonly Value[],
  context: CallContext,
  doubles: (x: number, y: number) => number,
  wholes: (x: bigint, y: bigint) => bigint,
): Value {
  const [x, y] = numbers(operator, wants, args, context);
  if (typeof x === 'number' && typeof y === 'number') return doubles(x, y);
  payForWideNumber(2 * context.limits.wholeNumberBits, context);
  return bounded(wholes(exact(x, args, 0, context), exact(y, args, 1, context)), context);
}

function numbers(
  operator: string,
  wants: string,
  args: readonly Value[],
  context: CallContext,
): readonly [number | bigint, number | bigint] {
  const [a, b] = args as [Value, Value];
  const x = asNumber(a);
  const y = asNumber(b);
  if (x === undefined || y === undefined) return wrongOperands(operator, wants, args, context);
  return [x, y];
}

function wrongOperands(operator: string, wants: string, args: readonly Value[], context: CallContext): never {
  return context.fail(catalogue.operands(operator, wants, args.map(describe).join(' and '), context.nilHint(args)));
}

function failNotWhole(operator: string, wants: string, args: readonly Value[], context: CallContext): never {
  return context.fail(catalogue.notWhole(operator, wants, args.map(describe).join(' and ')));
}

function isWhole(x: number | bigint | undefined, argument: number, context: CallContext): x is number | bigint {
  if (x === undefined || context.writtenAsFraction(argument)) return false;
  return typeof x === 'bigint' || Number.isInteger(x);
}

/** Beyond the range of a double every number is an integer, so it never equals a fraction. */
function exact(x: number | bigint, args: readonly Value[], argument: number, context: CallContext): bigint {
  return isWhole(asNumber(args[argument] as Value), argument, context) ? BigInt(x) : context.fail(catalogue.tooLarge());
}

/** Converts to a double if it fits. */
function bounded(x: bigint, context: CallContext): number | bigint {
  const double = Number(x);
  if (Number.isFinite(double)) return double;
  const magnitude = x < 0n ? -x : x;
  return magnitude >> BigInt(context.limits.wholeNumberBits) === 0n ? x : context.fail(catalogue.tooLarge());
}

function shiftOperands(
  operator: string,
  args: readonly Value[],
  context: CallContext,
): readonly [number | bigint, number] {
  const [x, count] = numbers(operator, 'two whole numbers', args, context);
  if (!isWhole(x, 0, context) || !isWhole(count, 1, context))
    return failNotWhole(operator, 'two whole numbers', args, context);
  if (count < 0) context.fail(catalogue.negativeShift());
  return [x, Number(count)];
}

function wholeCount(args: readonly Value[], argument: number, wants: string, context: CallContext): number {
  const count = asNumber(args[argument] as Value);
  if (!isWhole(count, argument, context))
    return count === undefined ? wrongOperands('*', wants, args, context) : failNotWhole('*', wants, args, context);
  return Math.max(0, Number(count));
}

function repeat(what: string | readonly Value[], count: number, context: CallContext): Value {
  const { limits } = context;
  if (typeof what === 'string') {
    if (what.length * count > limits.textLength) context.fail(catalogue.textLength(limits.textLength));
    payForNewText(what.length * count, context);
    return what === '' ? '' : what.repeat(count);
  }
  if (what.length === 0) return [];
  const length = what.length * count;
  payForList(length, context);
  return Array.from({ length }, (_, at) => what[at % what.length] as Value);
}

function payForList(length: number, context: CallContext): void {
  if (length > context.limits.listLength) context.fail(catalogue.listLength(context.limits.listLength));
  payForNewList(length, context);
}
