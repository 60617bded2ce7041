import type { PlainFunction } from './plain-function.ts';
import { catalogue } from '../messages/catalogue.ts';
import { payForNewList } from '../values/costs.ts';
import { asNumber, describe, isList, type CallContext, type Value } from '../values/values.ts';

/** Counts from 0, or with a negative number from the end. */
export const nth: PlainFunction = (args, context) => {
  const list = args[0] as Value;
  const at = wholeAt('nth', 1, args, context);
  if (typeof list === 'string') {
    context.charge(list.length);
    return [...list].at(at) ?? null;
  }
  if (typeof list !== 'object' || list === null || !isList(list))
    return context.fail(catalogue.operands('nth', 'a list or a text first', describe(list), context.nilHint(args)));
  return list.at(at) ?? null;
};

export const range: PlainFunction = (args, context) => {
  const [from, to] = args.length === 1 ? [0, wholeAt('range', 0, args, context)] : bothEnds(args, context);
  const length = Math.max(0, to - from);
  const { listLength } = context.limits;
  if (length > listLength) return context.fail(catalogue.listLength(listLength));
  payForNewList(length, context);
  return Array.from({ length }, (_, at) => from + at);
};

function bothEnds(args: readonly Value[], context: CallContext): readonly [number, number] {
  return [wholeAt('range', 0, args, context), wholeAt('range', 1, args, context)];
}

function wholeAt(name: string, index: number, args: readonly Value[], context: CallContext): number {
  const value = args[index] as Value;
  const number = asNumber(value);
  const wants = name === 'nth' ? 'a whole number second' : 'whole numbers';
  if (number === undefined)
    return context.fail(catalogue.operands(name, wants, describe(value), context.nilHint(args)));
  const whole = Number(number);
  return Number.isInteger(whole) ? whole : context.fail(catalogue.notWhole(name, wants, describe(value)));
}
