import { catalogue } from '../catalogue.ts';
import { SIGNATURES as S } from '../types/signature.ts';
import { compare, describe, equals, type CallContext, type Value } from '../values/values.ts';
import { plain, type Apply, type Builtin } from './declare.ts';

function ordered(operator: string, holds: (order: number) => boolean): Apply {
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

/** The first of those that none of the others beats. */
function best(operator: string, beats: (order: number) => boolean): Apply {
  return (args, context) => {
    let winner = args[0] as Value;
    for (const challenger of args.slice(1)) {
      const order = compare(challenger, winner, context);
      if (order === undefined) return wrongComparison(operator, [challenger, winner], context);
      if (beats(order)) winner = challenger;
    }
    return winner;
  };
}

export const COMPARISON: readonly Builtin[] = [
  plain({
    name: 'lt',
    operator: '<',
    takes: 2,
    signature: '(< A B)',
    types: S.ordered,
    doc: 'Whether A is less than B. Texts go by code point. Values of different kinds are an error.',
    examples: [
      { policy: '(< Host.mem_free 4GiB)', value: 'true' },
      { policy: '(< "a" "b")', value: 'true' },
    ],
    apply: ordered('<', (order) => order < 0),
  }),
  plain({
    name: 'gt',
    operator: '>',
    takes: 2,
    signature: '(> A B)',
    types: S.ordered,
    doc: 'Whether A is greater than B.',
    examples: [{ policy: '(> 3 3)', value: 'false' }],
    apply: ordered('>', (order) => order > 0),
  }),
  plain({
    name: 'lte',
    operator: '<=',
    takes: 2,
    signature: '(<= A B)',
    types: S.ordered,
    doc: 'Whether A is at most B.',
    examples: [{ policy: '(<= 3 3)', value: 'true' }],
    apply: ordered('<=', (order) => order <= 0),
  }),
  plain({
    name: 'gte',
    operator: '>=',
    takes: 2,
    signature: '(>= A B)',
    types: S.ordered,
    doc: 'Whether A is at least B.',
    examples: [{ policy: '(>= Host.time_hour 22)', value: 'true' }],
    apply: ordered('>=', (order) => order >= 0),
  }),
  plain({
    name: 'eq',
    operator: '==',
    takes: 2,
    signature: '(== A B)',
    types: S.equal,
    doc: 'Whether A and B are equal; false for values of different kinds.',
    examples: [{ policy: '(== Host.ksm_run 1)', value: 'false' }],
    apply: ([a, b], context) => equals(a as Value, b as Value, context),
  }),
  plain({
    name: 'neq',
    operator: '!=',
    takes: 2,
    signature: '(!= A B)',
    types: S.equal,
    doc: 'Whether A and B differ.',
    examples: [{ policy: '(!= Host.ksm_run 1)', value: 'true' }],
    apply: ([a, b], context) => !equals(a as Value, b as Value, context),
  }),
  plain({
    name: 'min',
    takes: [1, Infinity],
    signature: '(min A …)',
    types: S.extreme,
    doc: 'The least; the first of equals.',
    examples: [{ policy: '(min 3 1 2)', value: '1' }],
    apply: best('min', (order) => order < 0),
  }),
  plain({
    name: 'max',
    takes: [1, Infinity],
    signature: '(max A …)',
    types: S.extreme,
    doc: 'The greatest; the first of equals.',
    examples: [{ policy: '(max 3 1 2)', value: '3' }],
    apply: best('max', (order) => order > 0),
  }),
];
