/** A call with its result. The tests evaluate it on the host and guests of `src/tooling/reference/world.ts`. */
export interface Example {
  readonly policy: string;
  /** The value of the last expression, as shown by `ballast eval`. */
  readonly value: string;
  /** The requested controls: `db1 balloon_target = 8388608: it swaps`. */
  readonly asks?: string;
}

/** The description of a function of the language. */
export interface Described {
  /** How the call is written. */
  readonly signature: string;
  /** Types of arguments and result, for readers. */
  readonly types: string;
  /** One line. */
  readonly doc: string;
  readonly examples: readonly Example[];
}

/** The declaration of a function. */
export interface Declared<Name extends string = string> extends Described {
  readonly name: Name;
  readonly minArguments: number;
  readonly maxArguments: number;
  /** Whether a call has side effects: `and` and `or` skip only arguments without. */
  readonly effect: boolean;
  /** `ballast`: a name that MOM lacks. A definition in the policy takes precedence over it. */
  readonly since: 'mom' | 'ballast';
}

interface Operator {
  /** The equivalent operator. */
  readonly operator: string | null;
}

/** A builtin that evaluates its arguments in order and then calls the function of the same name. */
export interface PlainBuiltin<Name extends string = string> extends Declared<Name>, Operator {
  readonly form: 'plain';
}

/** How a form evaluates its parts, for the compiler. */
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
  | 'case'
  | 'loop'
  | 'fold'
  | 'hand-out'
  | 'because'
  | 'param'
  | 'held'
  | 'pace';

export interface FormBuiltin<Kind extends BuiltinForm = BuiltinForm, Name extends string = string>
  extends Declared<Name>, Operator {
  readonly form: Kind;
}

/** A table entry as written. */
interface Entry<Name extends string> extends Described {
  readonly name: Name;
  readonly operator?: string;
  /** The number of arguments: exact, or a minimum and maximum. */
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

/** Marks a builtin as an extension of MOM's language. */
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
