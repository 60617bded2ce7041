import type { Unit } from '../../model/units.ts';
import type { Node } from '../text/ast.ts';
import type { CarryingOperation, LoopOperation, Plain } from '../builtins/builtins.ts';
import type { Fault } from '../messages/fault.ts';
import type { Span } from '../text/source.ts';

/** A policy with its forms recognised: the input of the checker and the compiler. */
export type Expression =
  | Literal
  | Variable
  | Attribute
  | If
  | Let
  | With
  | Define
  | Defvar
  | Assign
  | Cond
  | Loop
  | Grant
  | Because
  | Param
  | Held
  | Pace
  | Logic
  | Block
  | Apply
  | Call
  | MethodCall
  | Malformed;

export interface Literal {
  readonly kind: 'literal';
  readonly value: number | string | null;
  readonly fraction: boolean;
  /** The unit as written. */
  readonly unit: string | null;
  /** The unit of the value: the base unit of the written one, or that of the field beside it. null: no unit. */
  readonly base: Unit | null;
  readonly span: Span;
}

/** A name without a dot. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  /** What is shown in its place, for a variable that the policy does not name. */
  readonly node?: Node;
  readonly span: Span;
}

/** `root.attribute`. */
export interface Attribute {
  readonly kind: 'attribute';
  readonly name: string;
  readonly root: string;
  readonly attribute: string;
  readonly span: Span;
}

/** Forms that MOM implements as builtins. A variable of the same name hides them, so they keep their text. */
export interface Form {
  /** The name of the builtin, which a variable would need to hide it. */
  readonly head: string;
  readonly node: Node;
  readonly span: Span;
}

export interface If extends Form {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly consequent: Expression;
  readonly alternative: Expression;
}

export interface Let extends Form {
  readonly kind: 'let';
  readonly bindings: readonly { readonly name: string; readonly value: Expression; readonly span: Span }[];
  readonly body: readonly Expression[];
}

export interface With extends Form {
  readonly kind: 'with';
  readonly list: Variable | Attribute;
  readonly variable: string;
  readonly body: Expression;
}

export interface Define extends Form {
  readonly kind: 'define';
  readonly name: string;
  /** A fault here is an error only when the function is called, as in MOM. */
  readonly parameters: readonly string[] | Fault;
  readonly body: Expression;
}

export interface Defvar extends Form {
  readonly kind: 'defvar';
  readonly name: string;
  readonly value: Expression;
}

export interface Assign extends Form {
  readonly kind: 'assign';
  readonly name: string;
  readonly value: Expression;
}

/** The body of the first clause whose test is true; otherwise nil. */
export interface Cond extends Form {
  readonly kind: 'cond';
  readonly clauses: readonly Clause[];
}

export interface Clause {
  /** null: `else`. */
  readonly test: Expression | null;
  /** Empty: the value is that of the test. */
  readonly body: readonly Expression[];
  readonly span: Span;
}

/** `(sum LIST NAME BODY)`; in `(sum LIST)`, over the elements themselves, `each` is null. */
export interface Loop extends Form {
  readonly kind: 'loop';
  readonly operation: LoopOperation | CarryingOperation;
  readonly list: Expression;
  readonly each: { readonly variable: string; readonly span: Span; readonly body: Expression } | null;
  /** What `fold` and `hand-out` pass from one element to the next. */
  readonly carried: Carried | null;
}

export interface Carried {
  /** The variable with the value of the element before; null in `hand-out`, whose {@link Grant} takes the rest of the budget. */
  readonly name: string | null;
  readonly span: Span;
  /** The value for the first element: INITIAL or BUDGET. */
  readonly initial: Expression;
}

/** The body of `hand-out`: decides what the element is given of the rest, which is also its value. */
export interface Grant extends Form {
  readonly kind: 'grant';
  readonly want: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly body: Expression;
}

/** Adds a reason to every control that is set inside. */
export interface Because extends Form {
  readonly kind: 'because';
  readonly reason: Expression;
  readonly body: readonly Expression[];
}

/** A parameter of the policy: a variable that the operator can override. */
export interface Param extends Form {
  readonly kind: 'param';
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Literal;
  readonly doc: string | null;
  readonly min: Literal | null;
  readonly max: Literal | null;
  /** The texts that a text parameter can have; null: any. */
  readonly choices: readonly Literal[] | null;
}

/** `(held-for NAME CONDITION DURATION)`. */
export interface Held extends Form {
  readonly kind: 'held';
  readonly key: Expression;
  readonly condition: Expression;
  readonly duration: Expression;
}

/** `(every DURATION BODY …)` and `(cooldown DURATION BODY …)`. */
export interface Pace extends Form {
  readonly kind: 'pace';
  readonly mode: 'every' | 'cooldown';
  readonly duration: Expression;
  readonly body: readonly Expression[];
}

export interface Logic extends Form {
  readonly kind: 'logic';
  readonly operator: 'and' | 'or';
  readonly args: readonly Expression[];
}

export interface Block extends Form {
  readonly kind: 'block';
  readonly body: readonly Expression[];
}

/** A builtin that evaluates all of its arguments. */
export interface Apply extends Form {
  readonly kind: 'apply';
  readonly builtin: Plain;
  readonly args: readonly Expression[];
}

/** A call of an undotted name that is not a builtin: a user function or a variable with a callable value. */
export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly span: Span;
}

/** `(root.attribute …)`: a method of an entity, or a user function with a dot in its name. */
export interface MethodCall {
  readonly kind: 'method';
  readonly callee: Attribute;
  readonly args: readonly Expression[];
  /** `:last N` or `:over DURATION`: the samples to use. */
  readonly window: Window | null;
  readonly span: Span;
}

export interface Window {
  readonly kind: 'last' | 'over';
  readonly value: Expression;
  /** The span of the keyword. */
  readonly span: Span;
}

/** Invalid text. It is an error only when it is evaluated: MOM accepts it in a branch that is never taken. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly fault: Fault;
  /** The name of the hidden form if a variable of this name exists; null if it cannot be hidden. */
  readonly head: string | null;
  readonly node: Node;
  readonly span: Span;
}
