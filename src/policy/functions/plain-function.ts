import type { CallContext, Value } from '../values/values.ts';

/** What a builtin does with its arguments, which have been evaluated in order. */
export type PlainFunction = (args: readonly Value[], context: CallContext) => Value;
