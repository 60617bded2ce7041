import { add } from './arithmetic.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { LoopOperation } from '../builtins/builtins.ts';
import { ELEMENT_BYTES } from '../values/costs.ts';
import { asNumber, compare, describe, isTrue, type CallContext, type Value } from '../values/values.ts';

/** Computes the value of a loop from its elements and the values of its body. */
type Finish = (items: readonly Value[], values: readonly Value[], context: CallContext) => Value;

export const FINISH: Readonly<Record<LoopOperation, Finish>> = {
  map: (_items, values) => values,
  filter: (items, values, context) => {
    context.allocate(ELEMENT_BYTES * items.length);
    return items.filter((_, at) => isTrue(values[at] as Value));
  },
  sort: (items, values, context) => sorted(items, values, context),
  sum: (_items, values, context) => total('sum', values, context),
  count: (_items, values) => values.filter(isTrue).length,
  avg: (_items, values, context) => {
    const count = values.filter((value) => value !== null).length;
    return count === 0 ? null : Number(total('avg', values, context)) / count;
  },
  'min-of': (items, values, context) => best('min-of', items, values, context, (order) => order < 0),
  'max-of': (items, values, context) => best('max-of', items, values, context, (order) => order > 0),
  first: (items, values) => items.find((_, at) => isTrue(values[at] as Value)) ?? null,
  any: (_items, values) => values.some(isTrue),
  all: (_items, values) => values.every(isTrue),
};

/** The forms without a body, unless they equal the loop over the elements themselves. */
export const FINISH_BARE: Partial<Readonly<Record<LoopOperation, (items: readonly Value[]) => Value>>> = {
  count: (items) => items.length,
  first: (items) => items[0] ?? null,
};

/** Elements whose value is nil are skipped: nil is not zero. */
function total(name: string, values: readonly Value[], context: CallContext): Value {
  let sum: Value = 0;
  for (const value of values) {
    if (value === null) continue;
    if (asNumber(value) === undefined) return context.fail(catalogue.operands(name, 'numbers', describe(value), null));
    sum = add([sum, value], context);
  }
  return sum;
}

/** Ascending; equal keys keep their order, elements with a nil key come last. */
function sorted(items: readonly Value[], keys: readonly Value[], context: CallContext): readonly Value[] {
  context.charge(items.length * Math.max(1, Math.ceil(Math.log2(items.length + 1))));
  // The order, the sort's own copy, and the result.
  context.allocate(3 * ELEMENT_BYTES * items.length);
  const order = items
    .map((_, at) => at)
    .sort((a, b) => {
      const [x, y] = [keys[a] as Value, keys[b] as Value];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return comparison('sort', x, y, context);
    });
  return order.map((at) => items[at] as Value);
}

function best(
  name: string,
  items: readonly Value[],
  keys: readonly Value[],
  context: CallContext,
  beats: (order: number) => boolean,
): Value {
  let winner = -1;
  for (const [at, key] of keys.entries()) {
    if (key === null) continue;
    if (winner === -1 || beats(comparison(name, key, keys[winner] as Value, context))) winner = at;
  }
  return winner === -1 ? null : (items[winner] as Value);
}

function comparison(name: string, a: Value, b: Value, context: CallContext): number {
  const order = compare(a, b, context);
  if (order === undefined)
    return context.fail(
      catalogue.operands(name, 'keys that can be compared', `${describe(a)} and ${describe(b)}`, null),
    );
  // Values that do not compare (nan) keep their position.
  return Number.isNaN(order) ? 0 : order;
}
