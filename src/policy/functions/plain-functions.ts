import type { PlainFunction } from './plain-function.ts';
import type { PlainName } from '../builtins/builtins.ts';
import { ELEMENT_BYTES } from '../values/costs.ts';
import { equals, type Value } from '../values/values.ts';
import { add, divide, multiply, shiftLeft, shiftRight, subtract } from './arithmetic.ts';
import { best, ordered } from './comparison.ts';
import { tagged } from './labels.ts';
import { nth, range } from './list-parts.ts';
import { allEmpty, allValid, firstKnown, not } from './logic.ts';
import { ceil, clamp, floor, mod, round } from './numbers.ts';
import { format } from './format.ts';
import { hysteresis, mark, timeSince } from './timing.ts';
import { concat, matches, startsWith } from './texts.ts';

/** The implementations of the builtins that evaluate all of their arguments. */
export const PLAIN_FUNCTIONS: Readonly<Record<PlainName, PlainFunction>> = {
  add,
  sub: subtract,
  mul: multiply,
  div: divide,
  shl: shiftLeft,
  shr: shiftRight,
  clamp,
  floor,
  ceil,
  round,
  mod,
  lt: ordered('<', (order) => order < 0),
  gt: ordered('>', (order) => order > 0),
  lte: ordered('<=', (order) => order <= 0),
  gte: ordered('>=', (order) => order >= 0),
  eq: ([a, b], context) => equals(a as Value, b as Value, context),
  neq: ([a, b], context) => !equals(a as Value, b as Value, context),
  min: best('min', (order) => order < 0),
  max: best('max', (order) => order > 0),
  default: firstKnown,
  not,
  null: allEmpty,
  valid: allValid,
  list: (args, context) => {
    context.allocate(ELEMENT_BYTES * (args.length + 2));
    return args;
  },
  nth,
  range,
  'starts-with': startsWith,
  matches,
  concat,
  format,
  tagged,
  hysteresis,
  mark,
  'time-since': timeSince,
};
