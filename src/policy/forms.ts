import type { ListNode, Node } from './ast.ts';
import type { Builtin } from './builtins.ts';
import type { Fault } from './diagnostics.ts';
import type { Span } from './source.ts';

/** What the text means: the nodes of a policy with its forms recognised. The checker and the compiler read these. */
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
  readonly span: Span;
}

/** A name without a dot. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
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

/** The forms that MOM's language has as builtins: a variable of the same name hides them, so they keep their text. */
interface Form {
  /** The builtin's name: what a variable would have to be called to hide it. */
  readonly head: string;
  readonly node: ListNode;
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
  readonly builtin: Builtin;
  readonly args: readonly Expression[];
}

/** A call of a name without a dot that is no builtin: a user function, or a variable that holds something callable. */
export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly span: Span;
}

/** `(root.attribute …)`: an entity's method, or a user function whose name has a dot. */
export interface MethodCall {
  readonly kind: 'method';
  readonly callee: Attribute;
  readonly args: readonly Expression[];
  readonly span: Span;
}

/** Text that has no meaning. It is an error when it is evaluated, not before: MOM accepts it in a branch that is never taken. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly fault: Fault;
  /** What is hidden if a variable of this name exists; null when nothing can hide it. */
  readonly head: string | null;
  readonly node: Node;
  readonly span: Span;
}

/** The direct parts of an expression that are evaluated with it, in order. A function's body is not: it waits for a call. */
export function parts(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'variable':
    case 'attribute':
    case 'define':
    case 'malformed':
      return [];
    case 'if':
      return [expression.condition, expression.consequent, expression.alternative];
    case 'let':
      return [...expression.bindings.map(({ value }) => value), ...expression.body];
    case 'with':
      return [expression.list, expression.body];
    case 'defvar':
    case 'assign':
      return [expression.value];
    case 'logic':
    case 'apply':
    case 'call':
    case 'method':
      return expression.args;
    case 'block':
      return expression.body;
    default:
      return unreachable(expression);
  }
}

export function unreachable(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}

/** Visits an expression and everything in it, functions' bodies included. */
export function walk(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression);
  for (const part of parts(expression)) walk(part, visit);
  if (expression.kind === 'define') walk(expression.body, visit);
}
