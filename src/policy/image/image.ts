import type { SourcePosition } from '../../model/control.ts';
import type { Layout } from '../../model/field.ts';
import type { Define, Expression } from '../forms/forms.ts';
import type { MethodContext } from '../functions/method-context.ts';
import { FUNCTION_CALLABLES } from '../functions/function-values.ts';
import { spanText, type Span } from '../text/source.ts';
import type { RequestOrigin, Via } from '../values/requested.ts';
import type { Value } from '../values/values.ts';
import type { Cell, CompiledFunction, FieldIndex, FunctionCell } from './cells.ts';
import type { Fractions } from './fractions.ts';
import type { Paths } from './paths.ts';
import { reasonOf } from './reasons.ts';

/** A source position that can fail or make a request, with the arguments for messages. */
export interface Site {
  readonly span: Span;
  readonly args: readonly Expression[];
  /** The call of a function or of `Control` at this place. */
  readonly call: Expression | null;
}

/** A compiled group of top-level expressions. Passes their values to the machine one by one. */
export interface Unit {
  readonly run: (machine: MethodContext) => void;
  /** Their steps, excluding calls and loops. */
  readonly weight: number;
  readonly site: number;
}

/** The output of the compiler. */
export interface Compiled {
  readonly cells: readonly Cell[];
  readonly functions: readonly FunctionCell[];
  readonly fields: readonly FieldIndex[];
  readonly sites: readonly Site[];
  /** By file. */
  readonly units: readonly (readonly Unit[])[];
  /** Whether the program has timed forms, which need the time of the previous evaluation. */
  readonly hasTimers: boolean;
  /** Whether it may read the disks of guests. */
  readonly readsDisks: boolean;
  /** Whether it may read the NUMA nodes of the host. */
  readonly readsNodes: boolean;
  readonly paths: Paths;
  /** The defaults of the parameters, by name. */
  readonly params: ReadonlyMap<string, number | string>;
  /** Created when a text or a list is repeated. */
  readonly fractions: () => Fractions;
  /** The compiled form of a definition with several callers. */
  definitionOf(definition: Define): CompiledFunction | null;
}

/** Cache limit: recursion can reach a site by any number of paths. */
const MAX_REASONS = 10_000;

/** The compiled program with its tables. */
export class Image {
  readonly cells: readonly Cell[];
  readonly functions: readonly FunctionCell[];
  readonly units: readonly (readonly Unit[])[];
  /** The cells of predefined names; undefined if no expression mentions the name. */
  readonly hostCell: Cell | undefined;
  readonly guestsCell: Cell | undefined;
  readonly predefined: readonly { readonly cell: Cell; readonly value: Value }[];
  readonly hasTimers: boolean;
  /** Whether it may read the disks of guests. */
  readonly readsDisks: boolean;
  /** Whether it may read the NUMA nodes of the host. */
  readonly readsNodes: boolean;
  readonly params: readonly string[];
  readonly #paramDefaults: Compiled['params'];
  readonly #fields: readonly FieldIndex[];
  readonly #sites: readonly Site[];
  readonly #positions: (SourcePosition | undefined)[] = [];
  readonly #paths: Paths;
  readonly #fractions: Compiled['fractions'];
  readonly #definitionOf: Compiled['definitionOf'];
  /** By site; undefined: not computed yet. */
  readonly #multiCallers: (CompiledFunction | null | undefined)[] = [];
  /** By site and call path. */
  readonly #reasons = new Map<string, string | null>();
  /** The last origin by site: most sites are reached by one path. */
  readonly #origins: (RequestOrigin | undefined)[] = [];
  #hostLayout: Layout | null = null;
  #guestLayout: Layout | null = null;

  constructor(compiled: Compiled) {
    this.cells = compiled.cells;
    this.functions = compiled.functions;
    this.units = compiled.units;
    this.hostCell = compiled.cells.find(({ name }) => name === 'Host');
    this.guestsCell = compiled.cells.find(({ name }) => name === 'Guests');
    this.predefined = compiled.cells.flatMap((cell) => {
      const value = FUNCTION_CALLABLES.get(cell.name);
      return value ? [{ cell, value }] : [];
    });
    this.hasTimers = compiled.hasTimers;
    this.readsDisks = compiled.readsDisks;
    this.readsNodes = compiled.readsNodes;
    this.params = [...compiled.params.keys()];
    this.#paramDefaults = compiled.params;
    this.#fields = compiled.fields;
    this.#sites = compiled.sites;
    this.#paths = compiled.paths;
    this.#fractions = compiled.fractions;
    this.#definitionOf = compiled.definitionOf;
  }

  /** Looks up the field indices. Does nothing while the layouts stay the same. */
  locateFields(hostLayout: Layout, guestLayout: Layout): void {
    if (hostLayout === this.#hostLayout && guestLayout === this.#guestLayout) return;
    for (const field of this.#fields) field.locate(hostLayout, guestLayout);
    this.#hostLayout = hostLayout;
    this.#guestLayout = guestLayout;
  }

  paramDefault(name: string): number | string | undefined {
    return this.#paramDefaults.get(name);
  }

  span(site: number): Span {
    return (this.#sites[site] as Site).span;
  }

  positionOf(site: number): SourcePosition {
    const known = this.#positions[site];
    if (known) return known;
    const { source, start } = this.span(site);
    return (this.#positions[site] = Object.freeze(source.positionAt(start)));
  }

  /** The innermost enclosing function whose current call identifies the path to the site. */
  multiCallerAround(site: number): CompiledFunction | null {
    const known = this.#multiCallers[site];
    if (known !== undefined) return known;
    const { call } = this.#sites[site] as Site;
    const multiCaller = call && this.#paths.multiCallerAround(call);
    return (this.#multiCallers[site] = multiCaller && this.#definitionOf(multiCaller));
  }

  /** The position and reason of a request at a site reached by one path. */
  originOf(site: number, via: Via): RequestOrigin {
    const last = this.#origins[site];
    if (last !== undefined && last.via === via) return last;
    return (this.#origins[site] = { via, position: this.positionOf(site), reason: this.#reason(site, via) });
  }

  #reason(site: number, via: Via): string | null {
    const key = `${site} ${via}`;
    const known = this.#reasons.get(key);
    if (known !== undefined) return known;
    const through =
      via === null
        ? []
        : String(via)
            .split(' ')
            .flatMap((each) => this.#sites[Number(each)]?.call ?? []);
    const { call } = this.#sites[site] as Site;
    const reason = call && reasonOf(this.#paths.stepsTo(call, through));
    if (this.#reasons.size >= MAX_REASONS) this.#reasons.clear();
    this.#reasons.set(key, reason);
    return reason;
  }

  /** Whether an argument is written as a fraction. */
  isFraction(site: number, argument: number): boolean {
    const expression = this.#sites[site]?.args[argument];
    return expression !== undefined && this.#fractions().has(expression);
  }

  /** The text of an argument that is a name or field. */
  argumentText(site: number, argument: number): string | null {
    const expression = this.#sites[site]?.args[argument];
    return expression?.kind === 'attribute' || expression?.kind === 'variable' ? spanText(expression.span) : null;
  }
}
