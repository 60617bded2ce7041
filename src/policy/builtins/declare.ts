import type { Signature } from '../types/signature.ts';
import type { CallContext, Value } from '../values/values.ts';

/** One builtin of the language. The checker, the compiler and the reference page read its entry. */
export type Builtin = PlainBuiltin | FormBuiltin;

/** How a call looks and what comes of it. The tests evaluate it over the host and guests of `src/tooling/reference/world.ts`. */
export interface Example {
  readonly policy: string;
  /** The value of its last expression, as `ballast eval` shows it. */
  readonly value: string;
  /** What it asks for: `db1 balloon_target = 8388608: it swaps`. */
  readonly asks?: string;
}

/** What all functions of the language say of themselves. */
export interface Described {
  /** How it is written. */
  readonly signature: string;
  /** What it takes and gives, as people read it. */
  readonly types: { readonly text: string };
  /** One line for people. */
  readonly doc: string;
  readonly examples: readonly Example[];
}

interface Declaration extends Described {
  readonly name: string;
  /** The operator that also calls it. */
  readonly operator: string | null;
  readonly minArguments: number;
  readonly maxArguments: number;
  /** Whether a call can change anything: `and` and `or` skip what cannot. */
  readonly effect: boolean;
  /** A name that MOM's language has not: a policy that defines it for itself means its own. */
  readonly since: 'mom' | 'ballast';
}

/** Evaluates its arguments in order, then does what `apply` says. */
export interface PlainBuiltin extends Declaration {
  readonly form: 'plain';
  readonly types: Signature;
  readonly apply: (args: readonly Value[], context: CallContext) => Value;
}

/** The compiler knows how these evaluate their parts. */
export interface FormBuiltin extends Declaration {
  readonly form:
    | 'if'
    | 'logic'
    | 'block'
    | 'let'
    | 'with'
    | 'define'
    | 'defvar'
    | 'assign'
    | 'cond'
    | 'loop'
    | 'because'
    | 'param'
    | 'held'
    | 'pace';
}

export type Apply = PlainBuiltin['apply'];

/** An entry as it is written in the tables. */
interface Entry extends Omit<Described, 'types'> {
  readonly name: string;
  readonly operator?: string;
  /** The number of arguments: exactly, or at least and at most. */
  readonly takes: number | readonly [min: number, max: number];
  readonly effect?: boolean;
}

export function plain(entry: Entry & Pick<PlainBuiltin, 'types' | 'apply'>): PlainBuiltin {
  return { form: 'plain', types: entry.types, apply: entry.apply, ...declared(entry) };
}

/** What comes of a form depends on its parts: the checker knows each form, people read a text. */
export function form(kind: FormBuiltin['form'], entry: Entry & { readonly types: string }): FormBuiltin {
  return { form: kind, types: { text: entry.types }, ...declared(entry) };
}

/** What MOM's language has not. */
export function ours<T extends Builtin>(builtin: T): T {
  return { ...builtin, since: 'ballast' };
}

function declared({
  name,
  operator,
  takes,
  signature,
  doc,
  examples,
  effect = false,
}: Entry): Omit<Declaration, 'types'> {
  const [minArguments, maxArguments] = typeof takes === 'number' ? [takes, takes] : takes;
  return {
    name,
    operator: operator ?? null,
    minArguments,
    maxArguments,
    signature,
    doc,
    examples,
    effect,
    since: 'mom',
  };
}
