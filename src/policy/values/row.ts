import type { FieldValue, Layout, Sample } from '../../model/field.ts';

/** One sample of an entity as a value: an element of MOM's `ENTITY.statistics`. */
export class Row {
  readonly #layout: Layout;
  readonly #sample: Sample;

  constructor(layout: Layout, sample: Sample) {
    this.#layout = layout;
    this.#sample = sample;
  }

  /** undefined: the sample does not have the field; null: it has no value. */
  get(name: string): FieldValue | undefined {
    const index = this.#layout.index.get(name);
    return index === undefined ? undefined : this.#sample[index];
  }

  /** The names of its fields. */
  get names(): readonly string[] {
    return this.#layout.names.filter((_, index) => this.#sample[index] !== undefined);
  }
}
