import { Cell, FieldIndex, FunctionCell } from '../image/cells.ts';
import type { Expression } from '../forms/forms.ts';
import type { Site } from '../image/image.ts';
import type { Span } from '../text/source.ts';

/** Everything that generated code refers to, with generated names: `k0`, `k1`, … */
export class Tables {
  readonly cells = new Map<string, Cell>();
  readonly functions = new Map<string, FunctionCell>();
  readonly fields = new Map<string, FieldIndex>();
  readonly sites: Site[] = [];
  readonly constants: unknown[] = [];
  readonly #constantNames = new Map<unknown, string>();
  /** Names that need no cell. */
  readonly #lexical: ReadonlySet<string>;

  constructor(lexical: ReadonlySet<string>) {
    this.#lexical = lexical;
  }

  constant(value: unknown): string {
    const known = this.#constantNames.get(value);
    if (known !== undefined) return known;
    const name = `k${this.constants.push(value) - 1}`;
    this.#constantNames.set(value, name);
    return name;
  }

  cell(name: string): string {
    let cell = this.cells.get(name);
    if (!cell) this.cells.set(name, (cell = new Cell(name, this.#lexical.has(name))));
    return this.constant(cell);
  }

  functionCell(name: string): string {
    let cell = this.functions.get(name);
    if (!cell) this.functions.set(name, (cell = new FunctionCell(name)));
    return this.constant(cell);
  }

  field(name: string): string {
    let field = this.fields.get(name);
    if (!field) this.fields.set(name, (field = new FieldIndex(name)));
    return this.constant(field);
  }

  /** @param call the call at the site, if its call path matters */
  site(span: Span, args: readonly Expression[] = [], call: Expression | null = null): number {
    return this.sites.push({ span, args, call }) - 1;
  }
}
