import type { FieldValue, Layout, Sample } from '../../../model/field.ts';

/** Reads fields by name from samples of one layout. */
export class Columns {
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  value(sample: Sample, name: string): FieldValue {
    const at = this.#layout.index.get(name);
    return at === undefined ? null : (sample[at] ?? null);
  }

  /** Rounded: sizes, counts and times are whole. null: it is not recorded, is nil, or is nothing that can be calculated with. */
  number(sample: Sample, name: string): number | null {
    const value = this.value(sample, name);
    return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : null;
  }

  is(sample: Sample, name: string): boolean {
    return this.value(sample, name) === true;
  }

  /** The first of several fields that has a number. */
  first(sample: Sample, ...names: readonly string[]): number | null {
    for (const name of names) {
      const value = this.number(sample, name);
      if (value !== null) return value;
    }
    return null;
  }
}
