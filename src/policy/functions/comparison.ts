import type { PlainFunction } from './plain-function.ts';
import { catalogue } from '../messages/catalogue.ts';
import { compare, describe, type CallContext, type Value } from '../values/values.ts';

export function ordered(operator: string, holds: (order: number) => boolean): PlainFunction {
  return (args, context) => {
    const order = compare(args[0] as Value, args[1] as Value, context);
    if (order === undefined) return wrongComparison(operator, args, context);
    return holds(order);
  };
}

function wrongComparison(operator: string, args: readonly Value[], context: CallContext): never {
  const wants = 'two numbers, two texts or two lists';
  return context.fail(catalogue.operands(operator, wants, args.map(describe).join(' and '), context.nilHint(args)));
}

/** The first value that no other value beats. */
export function best(operator: string, beats: (order: number) => boolean): PlainFunction {
  return (args, context) => {
    let winner = args[0] as Value;
    for (const candidate of args.slice(1)) {
      const order = compare(candidate, winner, context);
      if (order === undefined) return wrongComparison(operator, [candidate, winner], context);
      if (beats(order)) winner = candidate;
    }
    return winner;
  };
}
