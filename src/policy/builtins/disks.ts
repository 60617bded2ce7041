import { DISK_LIMITS, type DiskLimit } from '../../model/disk-tuning.ts';

// Names of the disks in `GUEST.io_tune`, as MOM's I/O rules use them.

/** The methods that request a limit, with the limit. */
export const DISK_SETTERS: ReadonlyMap<string, DiskLimit> = new Map([
  ['setTotalBytesSec', 'total_bytes_sec'],
  ['setReadBytesSec', 'read_bytes_sec'],
  ['setWriteBytesSec', 'write_bytes_sec'],
  ['setTotalIopsSec', 'total_iops_sec'],
  ['setReadIopsSec', 'read_iops_sec'],
  ['setWriteIopsSec', 'write_iops_sec'],
]);

/** The groups of limits of a disk. */
export const LIMIT_GROUPS = ['guaranteed', 'maximum', 'current'] as const;

/** The attributes of a disk and of its groups of limits, also as `maximum.total_iops_sec`. */
export const DISK_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['name', 'path', ...LIMIT_GROUPS],
  ...DISK_SETTERS.keys(),
  ...DISK_LIMITS,
  ...LIMIT_GROUPS.flatMap((group) => DISK_LIMITS.map((limit) => `${group}.${limit}`)),
]);
