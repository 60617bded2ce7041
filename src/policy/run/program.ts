import type { SourcePosition } from '../../model/control.ts';
import type { HistoryNeed } from '../../model/history-need.ts';
import type { StatisticsNeed } from '../../model/past.ts';
import type { Expression, Param } from '../forms/forms.ts';
import { Image, type Compiled } from '../image/image.ts';
import type { Names } from '../forms/names.ts';
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

/** A compiled policy that can be evaluated any number of times. All files share its names. */
export class Program implements DeclaredParams {
  readonly files: readonly SourceText[];
  readonly limits: Limits;
  /** Its declared parameters, in order. */
  readonly params: readonly Param[];
  readonly fixed: ReadonlyMap<string, SourcePosition>;
  readonly reads: DeclaredParams['reads'];
  /** The evaluation state; only one evaluation runs at a time. */
  readonly machine: Machine;
  /** Its top-level expressions, by file. */
  readonly expressions: readonly (readonly Expression[])[];
  readonly names: Names;
  /** The samples that its `:last` and `:over` look back on. */
  readonly historyNeed: HistoryNeed;
  /** The fields of which it reads statistics over days. */
  readonly statisticsNeed: StatisticsNeed;
  readonly #compile: (scopes: ScopeMode, trace: TraceTable | null) => Compiled;
  #image: Image | null = null;
  #tracedImage: Image | null = null;
  #traceTable: TraceTable | null = null;
  #scopes: ScopeMode = 'needed';

  constructor(
    files: readonly SourceText[],
    limits: Limits,
    { params, fixed, reads }: DeclaredParams,
    expressions: readonly (readonly Expression[])[],
    names: Names,
    { history, statistics }: { readonly history: HistoryNeed; readonly statistics: StatisticsNeed },
    compile: (scopes: ScopeMode, trace: TraceTable | null) => Compiled,
  ) {
    this.files = files;
    this.limits = limits;
    this.params = params;
    this.fixed = fixed;
    this.reads = reads;
    this.expressions = expressions;
    this.names = names;
    this.historyNeed = history;
    this.statisticsNeed = statistics;
    this.#compile = compile;
    this.machine = new Machine(limits);
  }

  /** The compiled form, created at the first evaluation, because checks do not need it. */
  get image(): Image {
    return (this.#image ??= new Image(this.#compile(this.#scopes, null)));
  }

  /** A second compiled form, with tracing; the first one has none. */
  get tracedImage(): Image {
    return (this.#tracedImage ??= new Image(this.#compile(this.#scopes, this.traceTable)));
  }

  /** The ids of the expressions in traces. */
  get traceTable(): TraceTable {
    return (this.#traceTable ??= new TraceTable(this.expressions));
  }

  /** Makes every binding visible to called functions from now on. False if that was already so. */
  useAllScopes(): boolean {
    if (this.#scopes === 'all') return false;
    this.#scopes = 'all';
    this.#image = null;
    this.#tracedImage = null;
    return true;
  }
}
