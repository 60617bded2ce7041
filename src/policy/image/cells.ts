import type { Layout } from '../../model/field.ts';
import type { Fault } from '../messages/fault.ts';
import type { MethodContext } from '../functions/method-context.ts';
import type { Value } from '../values/values.ts';

/** The innermost value of one name. Scopes are dynamic: a scope saves what it hides on the machine's trail and puts it back at its end. */
export class Cell {
  readonly name: string;
  /** undefined: nothing of this name exists. */
  value: Value | undefined = undefined;
  /** The depth of the scope that `value` belongs to. */
  depth = 0;
  /** No scope binds it here: the generated code keeps its values. */
  readonly lexical: boolean;

  constructor(name: string, lexical: boolean) {
    this.name = name;
    this.lexical = lexical;
  }
}

/** A user function's code: parameters in order. */
export type Code = (machine: MethodContext, site: number, ...args: Value[]) => Value;

/** What a `def` stores. */
export interface CompiledFunction {
  readonly name: string;
  /** -1 when its parameters are malformed. */
  readonly arity: number;
  /** What is wrong with its parameters: an error when it is called. */
  readonly fault: Fault | null;
  readonly code: Code;
  /** The site of the call that is under way, where several calls lead to the function and it may set a control. */
  calledFrom: number;
}

/** The global table of user functions, one name of it. */
export class FunctionCell {
  readonly name: string;
  definition: CompiledFunction | null = null;

  constructor(name: string) {
    this.name = name;
  }
}

/** An attribute's place in the samples of each kind of entity; found again when a layout changes. */
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

/** An index that no sample reaches. Not -1: reading a negative index is slow. */
export const ABSENT = 0x3fff_ffff;

/** Thrown, and caught by `evaluate`: an attribute has to be looked for in outer scopes, and the program was compiled without them. */
export const NEEDS_ALL_SCOPES = Symbol('needs all scopes');
