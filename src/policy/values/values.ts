import type { PolicyScalar } from '../../model/control.ts';
import type { Timer } from '../../model/timers.ts';
import { numberText } from '../../model/number-text.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { ELEMENT_BYTES, payForNewText, payForText, payForWideNumber, type Payer } from './costs.ts';
import { Disk, Entity, HostNode } from './entity.ts';
import { Row } from './row.ts';
import type { Limits } from '../limits/limits.ts';

/**
 * The value of an expression. `null` is nil. A `bigint` is an integer beyond the range of a double (only `<<` creates
 * one); within that range every number is a double.
 */
export type Value =
  number | bigint | string | boolean | null | Entity | Row | Disk | HostNode | Callable | readonly Value[];

/** A function as a value: `abs`, `debug`, a method of an entity, a callable attribute of a plain value. */
export class Callable {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly signature: string;
  readonly call: (args: readonly Value[], context: CallContext) => Value;

  constructor(
    name: string,
    [minArguments, maxArguments]: readonly [number, number],
    signature: string,
    call: (args: readonly Value[], context: CallContext) => Value,
  ) {
    this.name = name;
    this.minArguments = minArguments;
    this.maxArguments = maxArguments;
    this.signature = signature;
    this.call = call;
  }
}

/** The calling evaluation, as passed to a builtin. */
export interface CallContext extends Payer {
  /** Ends the expression with a policy error at the call. */
  fail(fault: Fault): never;
  readonly limits: Limits;
  /** Whether an argument is written as a fraction (`2.0`, `(/ a b)`), whatever its value. */
  writtenAsFraction(argument: number): boolean;
  /** A hint about an argument that is nil, if one of the arguments is a field. */
  nilHint(args: readonly Value[]): string | null;
  /** Adds text that leaves the evaluation. */
  putOutText(units: number): void;
  debug(text: string): void;
  /** The time of the snapshot, milliseconds since the epoch. */
  readonly nowMs: number;
  /** What is remembered under a name for the guest of the loop, or for the host; null: nothing. */
  timer(name: string): Timer | null;
  /** @param timer null: nothing any more */
  keepTimer(name: string, timer: Timer | null): void;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** nil, false, 0, "" and the empty list are false. */
export function isTrue(value: Value): boolean {
  if (value === true) return true;
  if (value === false || value === null || value === 0 || value === '') return false;
  return !(typeof value === 'object' && Array.isArray(value) && value.length === 0);
}

/** The numeric value: true and false are 1 and 0; undefined for other types. */
export function asNumber(value: Value): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return undefined;
}

/** `==`: false across types; compares lists by value, entities and functions by identity. */
export function equals(a: Value, b: Value, context: CallContext, depth = 0): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') {
    const left = asNumber(a);
    // oxlint-disable-next-line eqeqeq -- the loose comparison is exact between a bigint and a double
    if (left !== undefined) return left == (asNumber(b) ?? NaN);
    if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) payForText(a.length, context);
    return a === b;
  }
  if (a === b || a === null || b === null || !isList(a) || !isList(b)) return a === b;
  if (a.length !== b.length) return false;
  context.charge(a.length);
  checkDepth(depth, context);
  for (let index = 0; index < a.length; index += 1) {
    if (!equals(a[index] as Value, b[index] as Value, context, depth + 1)) return false;
  }
  return true;
}

/** Negative, zero or positive; NaN if numbers do not compare; undefined if the types do not. Strings are compared by code point. */
export function compare(a: Value, b: Value, context: CallContext, depth = 0): number | undefined {
  const left = asNumber(a);
  const right = asNumber(b);
  // oxlint-disable-next-line eqeqeq -- the same here
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : left == right ? 0 : NaN;
  if (typeof a === 'string' && typeof b === 'string') {
    payForText(Math.min(a.length, b.length), context);
    return compareText(a, b);
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || !isList(a) || !isList(b))
    return undefined;
  context.charge(Math.min(a.length, b.length));
  checkDepth(depth, context);
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const [x, y] = [a[index] as Value, b[index] as Value];
    if (!equals(x, y, context, depth + 1)) return compare(x, y, context, depth + 1);
  }
  return a.length - b.length;
}

function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return byCodePoint(x) - byCodePoint(y);
  }
  return a.length - b.length;
}

// Surrogates encode code points above 0xffff, so they sort after the units from 0xe000 on.
function byCodePoint(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

function checkDepth(depth: number, context: CallContext): void {
  if (depth >= context.limits.listDepth) context.fail(catalogue.listDepth(context.limits.listDepth));
}

/** Describes a value in messages: `nil`, `the number 5`, `a list`. */
export function describe(value: Value): string {
  if (value === null) return 'nil';
  switch (typeof value) {
    case 'boolean':
      return `the truth value ${value}`;
    case 'number':
      return `the number ${numberText(value)}`;
    case 'bigint':
      return 'a very large number';
    case 'string':
      return `the text ${JSON.stringify(value.length > 24 ? `${value.slice(0, 24)}…` : value)}`;
    default:
      if (value instanceof Row) return 'a sample';
      if (value instanceof HostNode) return `the NUMA node ${value.facts.id}`;
      if (value instanceof Disk) return `the disk ${JSON.stringify(value.tuning.name.slice(0, 64))}`;
      if (value instanceof Entity) return value.guest ? `the guest ${JSON.stringify(value.guest.name)}` : 'Host';
      return value instanceof Callable ? `the function ${value.name}` : value.length === 0 ? 'an empty list' : 'a list';
  }
}

/** How `debug` shows a value. */
export function show(value: Value, context: CallContext, depth = 0): string {
  if (value === null) return 'nil';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') payForWideNumber(context.limits.wholeNumberBits, context);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Entity) return value.guest ? value.guest.name : 'Host';
  if (value instanceof Callable) return value.name;
  if (value instanceof Row) return 'sample';
  if (value instanceof Disk) return value.tuning.name;
  if (value instanceof HostNode) return `node ${value.facts.id}`;
  context.charge(value.length);
  checkDepth(depth, context);
  const { textLength } = context.limits;
  let text = '[';
  for (const item of value) {
    text += (text.length > 1 ? ' ' : '') + show(item, context, depth + 1);
    if (text.length > textLength) return context.fail(catalogue.textLength(textLength));
  }
  payForNewText(text.length, context);
  return `${text}]`;
}

/** Converts a value to plain data that can outlive the evaluation, or returns the first element that cannot be converted. */
export function toScalar(
  value: Value,
  context: CallContext,
): { readonly scalar: PolicyScalar } | { readonly refused: Value } {
  let sizeLeft = context.limits.storedSize;
  let refused: Value | undefined;
  const copy = (part: Value, depth: number): PolicyScalar => {
    sizeLeft -= typeof part === 'string' ? part.length + 1 : 1;
    if (sizeLeft < 0) context.fail(catalogue.storedSize('this value', context.limits.storedSize));
    if (typeof part === 'bigint') return ((refused ??= part), null);
    if (part === null || typeof part !== 'object') return part;
    if (!isList(part)) return ((refused ??= part), null);
    checkDepth(depth, context);
    context.charge(part.length);
    context.allocate(ELEMENT_BYTES * (part.length + 2));
    return part.map((item) => copy(item, depth + 1));
  };
  const scalar = copy(value, 0);
  return refused === undefined ? { scalar } : { refused };
}
