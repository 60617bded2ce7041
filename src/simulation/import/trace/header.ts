import type { Row } from './row.ts';

/** Where the columns of a table are, from its header. */
export class Header {
  readonly #row: Row;
  readonly #at: ReadonlyMap<string, number>;

  /** @throws TraceError when a column is there twice */
  constructor(row: Row) {
    this.#row = row;
    const at = new Map<string, number>();
    for (const [field, given] of row.fields.entries()) {
      const name = given.toLowerCase();
      if (name !== '' && at.has(name)) throw row.error(field, `the column ${name} is there twice`);
      at.set(name, field);
    }
    this.#at = at;
  }

  get count(): number {
    return this.#row.fields.length;
  }

  /** @throws TraceError */
  need(name: string): number {
    const at = this.#at.get(name.toLowerCase());
    if (at !== undefined) return at;
    throw this.#row.error(0, `the header has no column ${name}`);
  }

  /** null: there is no such column. */
  find(name: string): number | null {
    return this.#at.get(name.toLowerCase()) ?? null;
  }

  /** @throws TraceError for a column that is not one of these */
  only(names: readonly string[]): void {
    for (const [field, given] of this.#row.fields.entries())
      if (!names.includes(given.toLowerCase()))
        throw this.#row.error(
          field,
          `unknown column ${JSON.stringify(given.slice(0, 60))}; columns are ${names.join(', ')}`,
        );
  }
}
