import type { Layout } from '../../model/field.ts';
import type { Fault } from '../messages/fault.ts';
import type { MethodContext } from '../functions/method-context.ts';
import type { Value } from '../values/values.ts';

/** The innermost value of one name. Scopes are dynamic: a scope saves hidden values on the machine's trail and restores them at its end. */
export class Cell {
  readonly name: string;
  /** undefined: the name does not exist. */
  value: Value | undefined = undefined;
  /** The depth of the scope that `value` belongs to. */
  depth = 0;
  /** The generated code stores its values; no scope binds it here. */
  readonly lexical: boolean;

  constructor(name: string, lexical: boolean) {
    this.name = name;
    this.lexical = lexical;
  }
}

/** The compiled code of a user function. */
export type Code = (machine: MethodContext, site: number, ...args: Value[]) => Value;

/** The value that `def` stores. */
export interface CompiledFunction {
  readonly name: string;
  /** -1 if its parameters are malformed. */
  readonly arity: number;
  /** The fault in its parameters, raised when it is called. */
  readonly fault: Fault | null;
  readonly code: Code;
  /** The site of the current call. Tracked only if several calls lead to the function and it may set a control. */
  calledFrom: number;
}

/** One name in the global table of user functions. */
export class FunctionCell {
  readonly name: string;
  definition: CompiledFunction | null = null;

  constructor(name: string) {
    this.name = name;
  }
}

/** The index of an attribute in the samples of each kind of entity; updated when a layout changes. */
export class FieldIndex {
  readonly name: string;
  host = ABSENT;
  guest = ABSENT;

  constructor(name: string) {
    this.name = name;
  }

  locate(hostLayout: Layout, guestLayout: Layout): void {
    this.host = hostLayout.index.get(this.name) ?? ABSENT;
    this.guest = guestLayout.index.get(this.name) ?? ABSENT;
  }
}

/** An index beyond every sample. Not -1: reading a negative index is slow. */
export const ABSENT = 0x3fff_ffff;

/** Thrown and caught by `evaluate`: an attribute must be looked up in outer scopes, but the program was compiled without them. */
export const NEEDS_ALL_SCOPES = Symbol('needs all scopes');
