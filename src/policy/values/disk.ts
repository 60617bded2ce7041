import { DISK_LIMITS, type DiskLimits } from '../../model/disk-tuning.ts';
import { layoutOf } from '../../model/field.ts';
import type { Disk } from './entity.ts';
import { Row } from './row.ts';
import type { Value } from './values.ts';

/** Its groups of limits. */
const GROUPS = ['guaranteed', 'maximum', 'current'] as const;

const LIMITS_LAYOUT = layoutOf(DISK_LIMITS);

/** `maximum` of a disk: a group of limits, nil where it says nothing. */
function rowOf(limits: DiskLimits): Row {
  return new Row(
    LIMITS_LAYOUT,
    DISK_LIMITS.map((name) => limits[name] ?? null),
  );
}

/** An attribute that is no method; undefined: a disk has no such attribute. */
export function diskAttribute({ tuning }: Disk, name: string): Value | undefined {
  if (name === 'name' || name === 'path') return tuning[name];
  const [part, limit] = name.split('.', 2);
  const group = GROUPS.find((each) => each === part);
  if (group === undefined) return undefined;
  const row = rowOf(tuning[group]);
  return limit === undefined ? row : limitIn(row, limit);
}

/** `GUEST.io_tune` → disk → `maximum.total_iops_sec`. undefined: no group of limits, or another name. */
export function limitIn(row: Row, name: string): Value | undefined {
  return (DISK_LIMITS as readonly string[]).includes(name) ? row.get(name) : undefined;
}
