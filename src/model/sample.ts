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
