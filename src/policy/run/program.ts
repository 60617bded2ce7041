import type { SourcePosition } from '../../model/control.ts';
import type { Expression, Param } from '../forms/forms.ts';
import { Image, type Compiled } from '../image/image.ts';
import type { Limits } from '../limits/limits.ts';
import type { DeclaredParams } from '../params/declared.ts';
import type { SourceText } from '../text/source.ts';
import { TraceTable } from '../trace/table.ts';
import { Machine } from './machine.ts';

/**
 * all: every binding is visible to every function called within its scope, as the language defines.
 * needed: bindings without dynamic lookups exist only as JavaScript variables. One lookup cannot be predicted: that of an
 * attribute that the innermost value lacks. It throws `NEEDS_ALL_SCOPES`.
 */
export type ScopeMode = 'all' | 'needed';

/** A policy that is ready to be evaluated any number of times. Its names are shared by all of its files. */
export class Program implements DeclaredParams {
  readonly files: readonly SourceText[];
  readonly limits: Limits;
  /** The settings that it declares, in order. */
  readonly params: readonly Param[];
  readonly fixed: ReadonlyMap<string, SourcePosition>;
  /** The state of its evaluations: there is one at a time. */
  readonly machine: Machine;
  /** Its top-level expressions, by file. */
  readonly expressions: readonly (readonly Expression[])[];
  readonly #compile: (scopes: ScopeMode, trace: TraceTable | null) => Compiled;
  #image: Image | null = null;
  #tracedImage: Image | null = null;
  #traceTable: TraceTable | null = null;
  #scopes: ScopeMode = 'needed';

  constructor(
    files: readonly SourceText[],
    limits: Limits,
    { params, fixed }: DeclaredParams,
    expressions: readonly (readonly Expression[])[],
    compile: (scopes: ScopeMode, trace: TraceTable | null) => Compiled,
  ) {
    this.files = files;
    this.limits = limits;
    this.params = params;
    this.fixed = fixed;
    this.expressions = expressions;
    this.#compile = compile;
    this.machine = new Machine(limits);
  }

  /** The compiled form: made at the first evaluation, because checking a policy needs none. */
  get image(): Image {
    return (this.#image ??= new Image(this.#compile(this.#scopes, null)));
  }

  /** A second compiled form, which tells a tracer what it does. The first does not know of it. */
  get tracedImage(): Image {
    return (this.#tracedImage ??= new Image(this.#compile(this.#scopes, this.traceTable)));
  }

  /** The numbers under which a tracer knows the expressions. */
  get traceTable(): TraceTable {
    return (this.#traceTable ??= new TraceTable(this.expressions));
  }

  /** From now on every binding is visible to the functions called under it. False when that was so already. */
  useAllScopes(): boolean {
    if (this.#scopes === 'all') return false;
    this.#scopes = 'all';
    this.#image = null;
    this.#tracedImage = null;
    return true;
  }
}
