import type { FieldValue, Layout, Sample } from './field.ts';

/**
 * The value of a field in the sample `back` samples before the current one. undefined when the sample or the field does
 * not exist; null when the value is not available.
 */
export function fieldOf(layout: Layout, samples: readonly Sample[], name: string, back = 0): FieldValue | undefined {
  const index = layout.index.get(name);
  return index === undefined ? undefined : samples[samples.length - 1 - back]?.[index];
}

/** Like {@link fieldOf}; null when the value is not a finite number. */
export function numberOf(layout: Layout, samples: readonly Sample[], name: string, back = 0): number | null {
  const value = fieldOf(layout, samples, name, back);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/**
 * Finds the columns of fields in a layout, for code that reads them of many samples; -1: the layout has no such field. The last layout
 * is remembered, because all samples of a run share one.
 */
export function columnsOf<Name extends string>(
  names: readonly Name[],
): (layout: Layout) => Readonly<Record<Name, number>> {
  let last: { readonly layout: Layout; readonly columns: Record<Name, number> } | null = null;
  return (layout) => {
    if (last?.layout !== layout) {
      const columns = Object.fromEntries(names.map((name) => [name, layout.index.get(name) ?? -1]));
      last = { layout, columns: columns as Record<Name, number> };
    }
    return last.columns;
  };
}

/** Like {@link numberOf} for one sample and the column of the field. */
export function numberAt(sample: Sample | undefined, column: number): number | null {
  if (sample === undefined || column < 0) return null;
  const value = sample[column];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
