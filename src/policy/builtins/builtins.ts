import { ARITHMETIC } from './arithmetic.ts';
import { BRANCHES } from './branches.ts';
import { COMPARISON } from './comparison.ts';
import { DECISIONS } from './decisions.ts';
import { LOGIC } from './logic.ts';
import { LOOPS } from './loops.ts';
import { DEFINITIONS } from './definitions.ts';
import { TEXTS } from './texts.ts';

/** All builtins, by topic. */
const DECLARATIONS = [
  { title: 'Arithmetic', builtins: ARITHMETIC },
  { title: 'Comparison', builtins: COMPARISON },
  { title: 'Logic and nil', builtins: LOGIC },
  { title: 'Branches and blocks', builtins: BRANCHES },
  { title: 'Variables, functions, parameters', builtins: DEFINITIONS },
  { title: 'Lists and loops', builtins: LOOPS },
  { title: 'Texts', builtins: TEXTS },
  { title: 'Labels, reasons, hold times', builtins: DECISIONS },
] as const;

/** One builtin of the language. The checker, the compiler and the reference page read its entry. */
export type Builtin = (typeof DECLARATIONS)[number]['builtins'][number];

/** A builtin that evaluates all of its arguments. */
export type Plain = Extract<Builtin, { readonly form: 'plain' }>;

/** The type of tables with an entry for each plain builtin. */
export type PlainName = Plain['name'];

/** The loops that compute their result from the values of a body. `with` is `map` over a name. */
export type LoopOperation = Extract<Builtin, { readonly form: 'loop' }>['name'];

/** The loops that pass a value from one element to the next. */
export type CarryingOperation = Extract<Builtin, { readonly form: 'fold' | 'hand-out' }>['name'];

export const SUBJECTS: readonly { readonly title: string; readonly builtins: readonly Builtin[] }[] = DECLARATIONS;

export const BUILTIN_LIST: readonly Builtin[] = SUBJECTS.flatMap(({ builtins }) => builtins);

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(BUILTIN_LIST.map((builtin) => [builtin.name, builtin]));

/** Maps operators to names of builtins: `+` to `add`. */
export const OPERATORS: ReadonlyMap<string, string> = new Map(
  BUILTIN_LIST.flatMap(({ operator, name }) => (operator === null ? [] : [[operator, name] as const])),
);

export function builtinNamed(name: string): Builtin {
  const builtin = BUILTINS.get(name);
  if (!builtin) throw new Error(`no builtin ${name}`);
  return builtin;
}
