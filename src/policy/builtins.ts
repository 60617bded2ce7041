import { absolute, add, divide, multiply, shiftLeft, shiftRight, subtract } from './arithmetic.ts';
import { catalogue } from './catalogue.ts';
import { Callable, compare, describe, equals, isList, isTrue, show, type CallContext, type Value } from './values.ts';

/** One builtin of the language. The checker, the compiler and the reference page read this table. */
export type Builtin = PlainBuiltin | FormBuiltin;

interface Declaration {
  readonly name: string;
  /** The operator that also calls it. */
  readonly operator: string | null;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly signature: string;
  readonly doc: string;
  /** Whether a call can change anything: `and` and `or` skip what cannot. */
  readonly effect: boolean;
}

/** Evaluates its arguments in order, then does what `apply` says. */
export interface PlainBuiltin extends Declaration {
  readonly form: 'plain';
  readonly apply: (args: readonly Value[], context: CallContext) => Value;
}

/** The compiler knows how these evaluate their parts. */
export interface FormBuiltin extends Declaration {
  readonly form: 'if' | 'logic' | 'block' | 'let' | 'with' | 'define' | 'defvar' | 'assign';
}

type Arity = readonly [min: number, max: number];
type Apply = PlainBuiltin['apply'];

const TWO: Arity = [2, 2];

function plain(name: string, operator: string | null, [min, max]: Arity, signature: string, doc: string, apply: Apply): PlainBuiltin {
  return { form: 'plain', name, operator, minArguments: min, maxArguments: max, signature, doc, effect: false, apply };
}

function form(kind: FormBuiltin['form'], name: string, [min, max]: Arity, signature: string, doc: string, effect = false): FormBuiltin {
  return { form: kind, name, operator: null, minArguments: min, maxArguments: max, signature, doc, effect };
}

function ordered(operator: string, holds: (order: number) => boolean): Apply {
  return (args, context) => {
    const order = compare(args[0] as Value, args[1] as Value, context);
    if (order === undefined) return wrongComparison(operator, args, context);
    return holds(order);
  };
}

function wrongComparison(operator: string, args: readonly Value[], context: CallContext): never {
  const wants = 'two numbers, two texts or two lists';
  return context.fail(catalogue.operands(operator, wants, args.map(describe).join(' and '), context.nilHint(args)));
}

/** The first of those that none of the others beats. */
function best(operator: string, beats: (order: number) => boolean): Apply {
  return (args, context) => {
    let winner = args[0] as Value;
    for (const challenger of args.slice(1)) {
      const order = compare(challenger, winner, context);
      if (order === undefined) return wrongComparison(operator, [challenger, winner], context);
      if (beats(order)) winner = challenger;
    }
    return winner;
  };
}

const isEmpty = (value: Value): boolean => value === null || value === '' || (isList(value) && value.length === 0);

export const BUILTIN_LIST: readonly Builtin[] = [
  plain('add', '+', TWO, '(+ A B)', 'The sum; two texts or two lists joined.', add),
  plain('sub', '-', TWO, '(- A B)', 'The difference.', subtract),
  plain('mul', '*', TWO, '(* A B)', 'The product; a text or a list repeated by a whole number.', multiply),
  plain('div', '/', TWO, '(/ A B)', 'The quotient, with its fraction. Division by zero is an error.', divide),
  plain('lt', '<', TWO, '(< A B)', 'Whether A is less than B. Texts go by code point. Values of different kinds are an error.', ordered('<', (order) => order < 0)),
  plain('gt', '>', TWO, '(> A B)', 'Whether A is greater than B.', ordered('>', (order) => order > 0)),
  plain('lte', '<=', TWO, '(<= A B)', 'Whether A is at most B.', ordered('<=', (order) => order <= 0)),
  plain('gte', '>=', TWO, '(>= A B)', 'Whether A is at least B.', ordered('>=', (order) => order >= 0)),
  plain('eq', '==', TWO, '(== A B)', 'Whether A and B are equal; false for values of different kinds.', ([a, b], context) => equals(a as Value, b as Value, context)),
  plain('neq', '!=', TWO, '(!= A B)', 'Whether A and B differ.', ([a, b], context) => !equals(a as Value, b as Value, context)),
  plain('shl', '<<', TWO, '(<< A N)', 'A whole number times two to the power of N.', shiftLeft),
  plain('shr', '>>', TWO, '(>> A N)', 'A whole number divided by two to the power of N, rounded down.', shiftRight),
  plain('not', null, [1, 1], '(not A)', 'Whether A is false: nil, 0, "" or an empty list.', ([a]) => !isTrue(a as Value)),
  plain('min', null, [1, Infinity], '(min A …)', 'The least; the first of equals.', best('min', (order) => order < 0)),
  plain('max', null, [1, Infinity], '(max A …)', 'The greatest; the first of equals.', best('max', (order) => order > 0)),
  plain('null', null, [0, Infinity], '(null A …)', 'Whether every argument is nil, "" or an empty list. True without arguments.', (args) => args.every(isEmpty)),
  plain('valid', null, [0, Infinity], '(valid A …)', 'Whether no argument is nil. True without arguments.', (args) => !args.includes(null)),
  form('logic', 'and', [1, Infinity], '(and A …)', 'The first false argument, else the last. After the deciding one only arguments that can have an effect are evaluated.'),
  form('logic', 'or', [1, Infinity], '(or A …)', 'The first true argument, else the last. After the deciding one only arguments that can have an effect are evaluated.'),
  form('if', 'if', [3, 3], '(if CONDITION THEN ELSE)', 'One of the two branches; the other is not evaluated.'),
  form('block', 'eval', [1, Infinity], '{ A … }', 'Evaluates all in order; its value is the last. Opens no scope.'),
  form('let', 'let', [2, Infinity], '(let ((NAME VALUE) …) BODY …)', 'Evaluates the bodies in a scope of its own. A later binding sees the earlier ones; the first of a name wins.'),
  form('with', 'with', [3, 3], '(with LIST NAME BODY)', 'The list of the values of BODY, once for each element of LIST, which is a name.'),
  form('define', 'def', [3, 3], '(def NAME (PARAMETER …) BODY)', 'Defines a function, everywhere. Its value is the name.', true),
  form('define', 'defun', [3, 3], '(defun NAME (PARAMETER …) BODY)', 'The same as def.', true),
  form('defvar', 'defvar', TWO, '(defvar NAME VALUE)', 'Makes a variable in the innermost scope, unless that has it already. Its value is the one in force.', true),
  form('assign', 'set', TWO, '(set NAME VALUE)', 'Changes a variable in the innermost scope that has it. An error when none has.', true),
  form('assign', 'setq', TWO, '(setq NAME VALUE)', 'The same as set.', true),
];

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(BUILTIN_LIST.map((builtin) => [builtin.name, builtin]));

/** Operators to the names of their builtins: `+` to `add`. */
export const OPERATORS: ReadonlyMap<string, string> = new Map(
  BUILTIN_LIST.flatMap(({ operator, name }) => (operator === null ? [] : [[operator, name] as const])),
);

export function builtinNamed(name: string): Builtin {
  const builtin = BUILTINS.get(name);
  if (!builtin) throw new Error(`no builtin ${name}`);
  return builtin;
}

/** Functions that are values of variables in the outermost scope, as in MOM: `(let ((say debug)) (say 1))` works. */
export const FUNCTION_VALUES: ReadonlyMap<string, Callable & { readonly effect: boolean; readonly doc: string }> = new Map(
  [
    Object.assign(new Callable('abs', [1, 1], '(abs A)', absolute), { effect: false, doc: 'The number without its sign.' }),
    Object.assign(
      new Callable('debug', [1, Infinity], '(debug A …)', (args, context) => {
        context.debug(args.map((value) => show(value, context)).join(' '));
        return args.at(-1) as Value;
      }),
      { effect: true, doc: 'Writes its arguments to the log. Its value is the last.' },
    ),
  ].map((callable) => [callable.name, callable]),
);

/** The variables of the outermost scope. */
export const PREDEFINED: ReadonlySet<string> = new Set(['Host', 'Guests', ...FUNCTION_VALUES.keys()]);
