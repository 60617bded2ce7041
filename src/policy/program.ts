import type { SourcePosition } from '../model/control.ts';
import type { Layout } from '../model/field.ts';
import type { Cell, FieldIndex, FunctionCell } from './cells.ts';
import type { Scopes } from './compile.ts';
import type { Expression } from './forms.ts';
import type { Limits } from './limits.ts';
import { Machine } from './machine.ts';
import { spanText, type SourceText, type Span } from './source.ts';

/** A place in the text that can fail or ask for something, with the arguments that a message may speak of. */
export interface Site {
  readonly span: Span;
  readonly args: readonly Expression[];
}

/** Some top-level expressions, compiled. Their values go to the machine one by one. */
export interface Unit {
  readonly run: (machine: Machine) => void;
  /** Steps that they cost, apart from the calls and loops in it. */
  readonly weight: number;
  readonly site: number;
}

/** What the compiler hands over. */
export interface Compiled {
  readonly cells: readonly Cell[];
  readonly functions: readonly FunctionCell[];
  readonly fields: readonly FieldIndex[];
  readonly sites: readonly Site[];
  /** By file. */
  readonly units: readonly (readonly Unit[])[];
}

/** A policy that is ready to be evaluated any number of times. Its names are shared by all of its files. */
export class Program {
  readonly files: readonly SourceText[];
  readonly limits: Limits;
  /** The state of its evaluations: there is one at a time. */
  readonly machine: Machine;
  readonly #compile: (scopes: Scopes) => Compiled;
  #image: Image | null = null;
  #scopes: Scopes = 'needed';

  constructor(files: readonly SourceText[], limits: Limits, compile: (scopes: Scopes) => Compiled) {
    this.files = files;
    this.limits = limits;
    this.#compile = compile;
    this.machine = new Machine(limits);
  }

  /** The compiled form: made at the first evaluation, because checking a policy needs none. */
  get image(): Image {
    return (this.#image ??= new Image(this.#compile(this.#scopes)));
  }

  /** From now on every binding is visible to the functions called under it. False when that was so already. */
  useAllScopes(): boolean {
    if (this.#scopes === 'all') return false;
    this.#scopes = 'all';
    this.#image = null;
    return true;
  }
}

/** A program's code with its tables. */
export class Image {
  readonly cells: readonly Cell[];
  readonly functions: readonly FunctionCell[];
  readonly units: readonly (readonly Unit[])[];
  /** The cells of the names that exist before the first expression; undefined where no expression mentions one. */
  readonly cellsByName: ReadonlyMap<string, Cell>;
  readonly #fields: readonly FieldIndex[];
  readonly #sites: readonly Site[];
  readonly #positions: (SourcePosition | undefined)[] = [];
  #hostLayout: Layout | null = null;
  #guestLayout: Layout | null = null;

  constructor(compiled: Compiled) {
    this.cells = compiled.cells;
    this.functions = compiled.functions;
    this.units = compiled.units;
    this.cellsByName = new Map(compiled.cells.map((cell) => [cell.name, cell]));
    this.#fields = compiled.fields;
    this.#sites = compiled.sites;
  }

  /** Finds the fields of the text in the samples. Nothing to do while the layouts stay the same. */
  locateFields(hostLayout: Layout, guestLayout: Layout): void {
    if (hostLayout === this.#hostLayout && guestLayout === this.#guestLayout) return;
    for (const field of this.#fields) field.locate(hostLayout, guestLayout);
    this.#hostLayout = hostLayout;
    this.#guestLayout = guestLayout;
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

  /** Whether the text shows that an argument is a fraction. A variable shows nothing. */
  isFraction(site: number, argument: number): boolean {
    const expression = this.#sites[site]?.args[argument];
    return expression !== undefined && isFraction(expression);
  }

  /** The text of an argument that is a name. */
  argumentText(site: number, argument: number): string | null {
    const expression = this.#sites[site]?.args[argument];
    return expression?.kind === 'attribute' || expression?.kind === 'variable' ? spanText(expression.span) : null;
  }
}

function isFraction(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return expression.fraction;
    case 'block':
    case 'let':
      return isFraction(expression.body.at(-1) as Expression);
    case 'if':
      return isFraction(expression.consequent) && isFraction(expression.alternative);
    case 'method':
      return expression.callee.attribute === 'StatAvg';
    case 'call':
      return expression.name === 'abs' && expression.args.some(isFraction);
    case 'apply':
      switch (expression.builtin.name) {
        case 'div':
          return true;
        case 'add':
        case 'sub':
        case 'mul':
          return expression.args.some(isFraction);
        case 'min':
        case 'max':
          return expression.args.every(isFraction);
        default:
          return false;
      }
    default:
      return false;
  }
}
