import type { PlainFunction } from './plain-function.ts';
import { catalogue } from '../messages/catalogue.ts';
import { payForWideNumber } from '../values/costs.ts';
import { asNumber, describe, type CallContext, type Value } from '../values/values.ts';

// Numeric functions other than operators.

/** A rounding function. Numbers beyond the range of a double are already integers. */
function rounding(name: string, round: (x: number) => number): PlainFunction {
  return (args, context) => {
    const x = numberAt(name, 0, args, context);
    // Adding 0 turns -0 into 0.
    return typeof x === 'bigint' ? x : round(x) + 0;
  };
}

export const floor = rounding('floor', Math.floor);
export const ceil = rounding('ceil', Math.ceil);
/** Rounds halves away from zero. */
export const round = rounding('round', (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5));

/** The result has the sign of the divisor: `(mod -1 60)` is 59. */
export const mod: PlainFunction = (args, context) => {
  const x = numberAt('mod', 0, args, context);
  const y = numberAt('mod', 1, args, context);
  // oxlint-disable-next-line eqeqeq -- 0 may be a number or a bigint
  if (y == 0) context.fail(catalogue.modZero());
  if (typeof x === 'number' && typeof y === 'number') {
    const rest = x % y;
    return (rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest) + 0;
  }
  if (!isWhole(x) || !isWhole(y)) return context.fail(catalogue.tooLarge());
  payForWideNumber(context.limits.wholeNumberBits, context);
  const rest = BigInt(x) % BigInt(y);
  return Number(rest !== 0n && rest < 0n !== y < 0 ? rest + BigInt(y) : rest);
};

/** If the bounds conflict, the low one wins: a guest never goes below its minimum. */
export const clamp: PlainFunction = (args, context) => {
  const x = numberAt('clamp', 0, args, context);
  const low = numberAt('clamp', 1, args, context);
  const high = numberAt('clamp', 2, args, context);
  const most = x > high ? high : x;
  return most < low ? low : most;
};

function isWhole(x: number | bigint): boolean {
  return typeof x === 'bigint' || Number.isInteger(x);
}

function numberAt(name: string, index: number, args: readonly Value[], context: CallContext): number | bigint {
  const value = args[index] ?? null;
  return (
    asNumber(value) ??
    context.fail(
      catalogue.operands(name, args.length === 1 ? 'a number' : 'numbers', describe(value), context.nilHint(args)),
    )
  );
}
