import { absolute } from './functions/arithmetic.ts';
import { ARITHMETIC } from './builtins/arithmetic.ts';
import { BRANCHES } from './builtins/branches.ts';
import { COMPARISON } from './builtins/comparison.ts';
import { DECISIONS } from './builtins/decisions.ts';
import type { Builtin, Described } from './builtins/declare.ts';
import { LOGIC } from './builtins/logic.ts';
import { LOOPS } from './builtins/loops.ts';
import { NAMES } from './builtins/names.ts';
import { TEXTS } from './builtins/texts.ts';
import { Callable, show, type Value } from './values/values.ts';

export type { Builtin, Example, FormBuiltin, PlainBuiltin } from './builtins/declare.ts';

/** All builtins, by subject. */
export const SUBJECTS: readonly { readonly title: string; readonly builtins: readonly Builtin[] }[] = [
  { title: 'Arithmetic', builtins: ARITHMETIC },
  { title: 'Comparison', builtins: COMPARISON },
  { title: 'Logic and nil', builtins: LOGIC },
  { title: 'Branches and blocks', builtins: BRANCHES },
  { title: 'Variables, functions, parameters', builtins: NAMES },
  { title: 'Lists and loops', builtins: LOOPS },
  { title: 'Texts', builtins: TEXTS },
  { title: 'Labels, reasons, hold times', builtins: DECISIONS },
];

export const BUILTIN_LIST: readonly Builtin[] = SUBJECTS.flatMap(({ builtins }) => builtins);

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

type FunctionValue = Callable & Described & { readonly effect: boolean };

/** Functions that are values of variables in the outermost scope, as in MOM: `(let ((say debug)) (say 1))` works. */
export const FUNCTION_VALUES: ReadonlyMap<string, FunctionValue> = new Map(
  [
    Object.assign(new Callable('abs', [1, 1], '(abs A)', absolute), {
      effect: false,
      types: { text: 'number → number of the same unit' },
      doc: 'The number without its sign.',
      examples: [{ policy: '(abs -3.5)', value: '3.5' }],
    }),
    Object.assign(
      new Callable('debug', [1, Infinity], '(debug A …)', (args, context) => {
        context.debug(args.map((value) => show(value, context)).join(' '));
        return args.at(-1) as Value;
      }),
      {
        effect: true,
        types: { text: 'any … → the last' },
        doc: 'Writes its arguments to the log. Its value is the last.',
        examples: [{ policy: '(debug "free:" Host.mem_free)', value: '2097152' }],
      },
    ),
  ].map((callable) => [callable.name, callable]),
);

/** The variables of the outermost scope. */
export const PREDEFINED: ReadonlySet<string> = new Set(['Host', 'Guests', ...FUNCTION_VALUES.keys()]);
