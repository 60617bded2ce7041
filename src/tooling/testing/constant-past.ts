import type { Past } from '../../model/past.ts';

/**
 * A past in which each field had one value all the time.
 * @param values without the fields that had none
 * @param otherwise what is known of other fields
 */
export function constantPast(values: ReadonlyMap<string, number>, otherwise: Past | null = null): Past {
  const valueOr = (field: string, other: (past: Past) => number | null): number | null =>
    values.get(field) ?? (otherwise === null ? null : other(otherwise));
  return {
    keeps: () => true,
    percentile: (field, share, seconds) => valueOr(field, (past) => past.percentile(field, share, seconds)),
    sameHour: (field, share) => valueOr(field, (past) => past.sameHour(field, share)),
  };
}
