import type { FieldValue, Layout, Sample } from './field.ts';

/**
 * The value of a field in the sample that is `back` samples old, 0 being the present. undefined when there is no such
 * sample, or no such field in it; null when it was looked for and not found.
 */
export function fieldOf(layout: Layout, samples: readonly Sample[], name: string, back = 0): FieldValue | undefined {
  const index = layout.index.get(name);
  return index === undefined ? undefined : samples.at(-1 - back)?.[index];
}

/** As {@link fieldOf}; null when that is no finite number. */
export function numberOf(layout: Layout, samples: readonly Sample[], name: string, back = 0): number | null {
  const value = fieldOf(layout, samples, name, back);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
