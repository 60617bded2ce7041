import type { Unit } from '../../model/units.ts';
import type { Node } from '../text/ast.ts';
import type { LoopOperation, Plain } from '../builtins/builtins.ts';
import type { Fault } from '../messages/fault.ts';
import type { Span } from '../text/source.ts';

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
  | Cond
  | Loop
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
  /** The unit as it was written. */
  readonly unit: string | null;
  /** The unit that the value is in: the base unit of what was written, or that of the field beside it. null: written without. */
  readonly base: Unit | null;
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
export interface Form {
  /** The builtin's name: what a variable would have to be called to hide it. */
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

/** The first clause whose test is true; without one, nil. */
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

/** `(sum LIST NAME BODY)`, or `(sum LIST)` over the elements themselves: then `each` is null. */
export interface Loop extends Form {
  readonly kind: 'loop';
  readonly operation: LoopOperation;
  readonly list: Expression;
  readonly each: { readonly variable: string; readonly span: Span; readonly body: Expression } | null;
}

/** Every control that is set inside carries the reason. */
export interface Because extends Form {
  readonly kind: 'because';
  readonly reason: Expression;
  readonly body: readonly Expression[];
}

/** A setting of the policy: a variable whose value the operator may override. */
export interface Param extends Form {
  readonly kind: 'param';
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Literal;
  readonly doc: string | null;
  readonly min: Literal | null;
  readonly max: Literal | null;
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
  /** `:last N` or `:over DURATION`: which samples count. */
  readonly window: Window | null;
  readonly span: Span;
}

export interface Window {
  readonly kind: 'last' | 'over';
  readonly value: Expression;
  /** Of the keyword. */
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
      return expression.args;
    case 'method':
      return expression.window ? [...expression.args, expression.window.value] : expression.args;
    case 'cond':
      return expression.clauses.flatMap(({ test, body }) => (test ? [test, ...body] : body));
    case 'loop':
      return expression.each ? [expression.list, expression.each.body] : [expression.list];
    case 'because':
      return [expression.reason, ...expression.body];
    case 'param':
      return [];
    case 'held':
      return [expression.key, expression.condition, expression.duration];
    case 'pace':
      return [expression.duration, ...expression.body];
    case 'block':
      return expression.body;
    default:
      return unreachable(expression);
  }
}

/** The expression with other parts in the places of its {@link parts}; itself when they are all the same. A function's body counts as a part too. */
export function mapParts(expression: Expression, map: (part: Expression) => Expression): Expression {
  const all = (items: readonly Expression[]): readonly Expression[] => {
    const mapped = items.map(map);
    return mapped.every((item, at) => item === items[at]) ? items : mapped;
  };
  const changed = <T extends Expression>(original: T, copy: T): T =>
    (Object.keys(copy) as (keyof T)[]).every((key) => copy[key] === original[key]) ? original : copy;
  switch (expression.kind) {
    case 'literal':
    case 'variable':
    case 'attribute':
    case 'malformed':
    case 'param':
      return expression;
    case 'define':
      return changed(expression, { ...expression, body: map(expression.body) });
    case 'if':
      return changed(expression, {
        ...expression,
        condition: map(expression.condition),
        consequent: map(expression.consequent),
        alternative: map(expression.alternative),
      });
    case 'let': {
      const values = all(expression.bindings.map(({ value }) => value));
      const bindings = expression.bindings.map((binding, at) => ({ ...binding, value: values[at] as Expression }));
      const same = bindings.every(({ value }, at) => value === expression.bindings[at]?.value);
      return changed(expression, {
        ...expression,
        bindings: same ? expression.bindings : bindings,
        body: all(expression.body),
      });
    }
    case 'with':
      return changed(expression, { ...expression, body: map(expression.body) });
    case 'defvar':
    case 'assign':
      return changed(expression, { ...expression, value: map(expression.value) });
    case 'logic':
    case 'apply':
    case 'call':
      return changed(expression, { ...expression, args: all(expression.args) });
    case 'method': {
      const { window } = expression;
      const value = window && map(window.value);
      return changed(expression, {
        ...expression,
        args: all(expression.args),
        window: value === window?.value ? window : window && { ...window, value: value as Expression },
      });
    }
    case 'cond': {
      const clauses = expression.clauses.map((clause) => ({
        ...clause,
        test: clause.test && map(clause.test),
        body: all(clause.body),
      }));
      const same = clauses.every(
        ({ test, body }, at) => test === expression.clauses[at]?.test && body === expression.clauses[at]?.body,
      );
      return same ? expression : { ...expression, clauses };
    }
    case 'loop': {
      const { each } = expression;
      const body = each && map(each.body);
      return changed(expression, {
        ...expression,
        list: map(expression.list),
        each: body === (each?.body ?? null) ? each : each && { ...each, body: body as Expression },
      });
    }
    case 'because':
      return changed(expression, { ...expression, reason: map(expression.reason), body: all(expression.body) });
    case 'held':
      return changed(expression, {
        ...expression,
        key: map(expression.key),
        condition: map(expression.condition),
        duration: map(expression.duration),
      });
    case 'pace':
      return changed(expression, { ...expression, duration: map(expression.duration), body: all(expression.body) });
    case 'block':
      return changed(expression, { ...expression, body: all(expression.body) });
    default:
      return unreachable(expression);
  }
}

export function unreachable(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}

/** Expressions with everything in them, functions' bodies included, in the order of {@link walk}: for who looks at a whole program more than once. */
export function everythingIn(expressions: readonly Expression[]): readonly Expression[] {
  const all: Expression[] = [];
  const take = (expression: Expression): void => void all.push(expression);
  for (const expression of expressions) walk(expression, take);
  return all;
}

/** Visits an expression and everything in it, functions' bodies included. */
export function walk(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression);
  for (const part of parts(expression)) walk(part, visit);
  if (expression.kind === 'define') walk(expression.body, visit);
}
