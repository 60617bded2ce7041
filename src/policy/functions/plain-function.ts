import type { CallContext, Value } from '../values/values.ts';

/** The implementation of a plain builtin. Its arguments are already evaluated. */
export type PlainFunction = (args: readonly Value[], context: CallContext) => Value;
