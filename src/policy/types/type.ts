import type { FieldDecl } from '../../model/field.ts';
import { common, COUNT, measureOf, PLAIN, UNCLEAR, type Measure } from './measure.ts';

/** The kinds of values, as bits: a type is a set of kinds. */
export const NIL = 1;
export const NUMBER = 2;
export const BOOLEAN = 4;
export const TEXT = 8;
export const LIST = 16;
export const HOST = 32;
export const GUEST = 64;
export const FUNCTION = 128;
/** The text does not show the kind. Such values are not reported. */
export const UNKNOWN = 256;
/** A value stored by an earlier evaluation: any kind, not checked, except that a possible nil is reported. */
export const OPEN = 512;
/** A NUMA node of the host. */
export const NODE = 1024;
const ALL = 511;
/** Kinds that count as numbers. */
export const NUMERIC = NUMBER | BOOLEAN;
export const ENTITY = HOST | GUEST;

/** The possible values of an expression, as far as the text shows: a superset of the actual values. */
export interface Type {
  /** The bits of the kinds; 0: no value has been seen. */
  readonly kinds: number;
  /** The measure of a number. */
  readonly measure: Measure;
  /** The element type of a list; null: unknown, or not a list. */
  readonly element: Type | null;
  /** The only possible number or string; null: none. */
  readonly constant: number | string | null;
  /** For an entity: the readings known not to be nil, `swap_in` or `StatRate swap_in`. */
  readonly nonNil: ReadonlySet<string>;
}

const NO_READINGS: ReadonlySet<string> = new Set();

/** Deeper nested lists have unknown elements. */
const DEPTH = 3;

function type(kinds: number, measure: Measure = PLAIN, more: Partial<Type> = {}): Type {
  return { kinds, measure, element: null, constant: null, nonNil: NO_READINGS, ...more };
}

export const NEVER = type(0);
export const ANYTHING = type(ALL, UNCLEAR);
export const NIL_TYPE = type(NIL);
export const TRUTH = type(BOOLEAN);
export const TEXT_TYPE = type(TEXT);
export const HOST_TYPE = type(HOST);
export const GUEST_TYPE = type(GUEST);
export const NODE_TYPE = type(NODE);
export const FUNCTION_TYPE = type(FUNCTION);
export const HOW_MANY = type(NUMBER, COUNT);
/** What `SetVar` can store: any plain value, or nothing yet. */
export const STORED = type(NIL | NUMBER | BOOLEAN | TEXT | LIST | OPEN, UNCLEAR);

export const numberOf = (measure: Measure, constant: number | null = null): Type => type(NUMBER, measure, { constant });
export const textOf = (constant: string): Type => type(TEXT, PLAIN, { constant });
export const listOf = (element: Type): Type => type(LIST, PLAIN, { element: bounded(element, DEPTH) });
export const orNil = (value: Type): Type => withKinds(value, value.kinds | NIL);

export const GUESTS_TYPE = listOf(GUEST_TYPE);

export function fieldType({
  type: kind,
  unit,
  optional,
  holds,
}: Pick<FieldDecl, 'type' | 'unit' | 'optional' | 'holds'>): Type {
  if (holds === 'nodes') return optional ? orNil(listOf(NODE_TYPE)) : listOf(NODE_TYPE);
  if (holds === 'disks') return optional ? orNil(listOf(ANYTHING)) : listOf(ANYTHING);
  const value = kind === 'number' ? numberOf(measureOf(unit)) : kind === 'string' ? TEXT_TYPE : TRUTH;
  return optional ? orNil(value) : value;
}

function bounded(value: Type, depth: number): Type {
  if (value.element === null) return value;
  return depth <= 1 ? { ...value, element: null } : { ...value, element: bounded(value.element, depth - 1) };
}

export function withKinds(value: Type, kinds: number): Type {
  return kinds === value.kinds ? value : { ...value, kinds };
}

/** The type without some kinds; unknown if nothing remains, because the code is then reached in some other way. */
export function without(value: Type, kinds: number): Type {
  const left = value.kinds & ~kinds;
  return left === 0 && value.kinds !== 0 ? ANYTHING : withKinds(value, left);
}

export function withNonNil(value: Type, nonNil: ReadonlySet<string>): Type {
  return nonNil.size === 0 || (value.kinds & ENTITY) === 0
    ? value
    : { ...value, nonNil: new Set([...value.nonNil, ...nonNil]) };
}

export const has = (value: Type, kinds: number): boolean => (value.kinds & kinds) !== 0;
/** Whether the text shows that it is a NUMA node, or nil. */
export const isNode = (value: Type): boolean => (value.kinds & ~NIL) === NODE;
export const isUnknown = (value: Type): boolean => has(value, UNKNOWN);
/** Whether the text shows that it can be nil; false for unknown values. */
export const mayBeNil = (value: Type): boolean => (value.kinds & (NIL | UNKNOWN)) === NIL;

/** The union of two types. */
export function join(a: Type, b: Type): Type {
  if (a === b || b.kinds === 0) return a;
  if (a.kinds === 0) return b;
  const kinds = a.kinds | b.kinds;
  const measure = !has(a, NUMBER) ? b.measure : !has(b, NUMBER) ? a.measure : common(a.measure, b.measure);
  const element = !has(a, LIST) ? b.element : !has(b, LIST) ? a.element : joinElements(a.element, b.element);
  const constant = a.constant === b.constant ? a.constant : null;
  const nonNil = !has(a, ENTITY) ? b.nonNil : !has(b, ENTITY) ? a.nonNil : both(a.nonNil, b.nonNil);
  return { kinds, measure, element, constant, nonNil };
}

function joinElements(a: Type | null, b: Type | null): Type | null {
  return a === null || b === null ? null : join(a, b);
}

export function both<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  if (a === b) return a;
  return new Set([...a].filter((item) => b.has(item)));
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kinds !== b.kinds || a.measure !== b.measure || a.constant !== b.constant || a.nonNil.size !== b.nonNil.size)
    return false;
  if (a.element === null || b.element === null ? a.element !== b.element : !sameType(a.element, b.element))
    return false;
  return [...a.nonNil].every((item) => b.nonNil.has(item));
}

/** The elements of a list, or the characters of a text. */
export function elementOf(list: Type): Type {
  if (isUnknown(list)) return ANYTHING;
  const element = has(list, LIST) ? (list.element ?? ANYTHING) : NEVER;
  return has(list, TEXT) ? join(element, TEXT_TYPE) : element;
}

/** Describes a type in messages: `number of KiB, may be nil`. */
export function describeType(value: Type): string {
  if (isUnknown(value) || value.kinds === 0) return 'anything';
  const kinds = value.kinds & ~NIL;
  if (kinds === 0) return 'nil';
  const names =
    (kinds & OPEN) !== 0
      ? ['anything that can be stored']
      : [
          ...((kinds & NUMBER) !== 0 ? [numberText(value.measure)] : []),
          ...((kinds & BOOLEAN) !== 0 ? ['truth value'] : []),
          ...((kinds & TEXT) !== 0 ? ['text'] : []),
          ...((kinds & LIST) !== 0
            ? [value.element === null ? 'list' : `list of (${describeType(value.element)})`]
            : []),
          ...((kinds & HOST) !== 0 ? ['the host'] : []),
          ...((kinds & GUEST) !== 0 ? ['guest'] : []),
          ...((kinds & NODE) !== 0 ? ['NUMA node'] : []),
          ...((kinds & FUNCTION) !== 0 ? ['function'] : []),
        ];
  return `${names.join(' or ')}${(value.kinds & NIL) !== 0 ? ', may be nil' : ''}`;
}

function numberText(measure: Measure): string {
  if (measure.powers === null) return 'number';
  if (measure.text === 'ratio') return 'number, a ratio';
  if (measure.text === 'count') return 'number, a count';
  return measure.text === 'per second' ? 'number per second' : `number of ${measure.text}`;
}
