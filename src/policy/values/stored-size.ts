import type { PolicyScalar } from '../../model/control.ts';

/** The values and UTF-16 units that a stored value holds. */
export function storedSize(value: PolicyScalar): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  for (const item of value) size += storedSize(item);
  return size;
}
