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
  readonly types: string;
  /** One line for people. */
  readonly doc: string;
  readonly examples: readonly Example[];
}

/** What a declaration says of the calls of a function. */
export interface Declared<Name extends string = string> extends Described {
  readonly name: Name;
  readonly minArguments: number;
  readonly maxArguments: number;
  /** Whether a call can change anything: `and` and `or` skip what cannot. */
  readonly effect: boolean;
  /** `ballast`: a name that MOM's language has not. A policy that defines it for itself means its own. */
  readonly since: 'mom' | 'ballast';
}

interface Operator {
  /** The operator that also calls it. */
  readonly operator: string | null;
}

/** Evaluates its arguments in order, then does what the function of its name does. */
export interface PlainBuiltin<Name extends string = string> extends Declared<Name>, Operator {
  readonly form: 'plain';
}

/** How a form evaluates its parts: the compiler knows each of these kinds. */
export type BuiltinForm =
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

export interface FormBuiltin<Kind extends BuiltinForm = BuiltinForm, Name extends string = string>
  extends Declared<Name>, Operator {
  readonly form: Kind;
}

/** An entry as it is written in the tables. */
interface Entry<Name extends string> extends Described {
  readonly name: Name;
  readonly operator?: string;
  /** The number of arguments: exactly, or at least and at most. */
  readonly takes: number | readonly [min: number, max: number];
  readonly effect?: boolean;
}

export function plain<const Name extends string>(entry: Entry<Name>): PlainBuiltin<Name> {
  return { form: 'plain', ...declared(entry) };
}

export function form<const Kind extends BuiltinForm, const Name extends string>(
  kind: Kind,
  entry: Entry<Name>,
): FormBuiltin<Kind, Name> {
  return { form: kind, ...declared(entry) };
}

/** What MOM's language has not. */
export function extension<T extends Declared>(builtin: T): T {
  return { ...builtin, since: 'ballast' };
}

function declared<Name extends string>({
  name,
  operator,
  takes,
  signature,
  types,
  doc,
  examples,
  effect = false,
}: Entry<Name>): Declared<Name> & Operator {
  const [minArguments, maxArguments] = typeof takes === 'number' ? [takes, takes] : takes;
  return {
    name,
    operator: operator ?? null,
    minArguments,
    maxArguments,
    signature,
    types,
    doc,
    examples,
    effect,
    since: 'mom',
  };
}
