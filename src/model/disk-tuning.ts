import { listInText } from './list-text.ts';

/** The I/O limits of a disk that can be changed while its guest runs, by libvirt's names. */
export const DISK_LIMITS = [
  'total_bytes_sec',
  'read_bytes_sec',
  'write_bytes_sec',
  'total_iops_sec',
  'read_iops_sec',
  'write_iops_sec',
] as const;

export type DiskLimit = (typeof DISK_LIMITS)[number];

/** Bytes or operations per second; 0: no limit; absent: unknown, or not to be changed. */
export type DiskLimits = Readonly<Partial<Record<DiskLimit, number>>>;

/** One disk of a guest: what its owner may have, and what it has. */
export interface DiskTuning {
  /** The target in the domain XML (`vda`), or the path of its source. */
  readonly name: string;
  /** The path of its source, if the owner's limits name it. */
  readonly path: string | null;
  readonly guaranteed: DiskLimits;
  readonly maximum: DiskLimits;
  readonly current: DiskLimits;
}

/** Disks that are read, of one guest. */
export const MAX_DISKS = 64;

/** Longest name of a disk: the longest path on Linux. */
const MAX_NAME = 4096;

/** The field of a guest that holds its disks. */
export const DISKS_FIELD = 'io_tune';

/** The disks as the text of a field. */
export function disksText(disks: readonly DiskTuning[]): string {
  return JSON.stringify(disks);
}

/** The disks in the text of a field, which a recording may have; null: it holds none. */
export function disksIn(text: unknown): readonly DiskTuning[] | null {
  const disks = listInText(text, MAX_DISKS);
  if (disks === null) return null;
  return disks.flatMap((each) => {
    const { name, path, guaranteed, maximum, current } = (each ?? {}) as Partial<DiskTuning>;
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) return [];
    const limits = { guaranteed: known(guaranteed), maximum: known(maximum), current: known(current) };
    return [{ name, path: typeof path === 'string' ? path : null, ...limits }];
  });
}

function known(limits: DiskLimits | undefined): DiskLimits {
  const given = (limits ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(DISK_LIMITS.flatMap((name) => (Number.isFinite(given[name]) ? [[name, given[name]]] : [])));
}

/** Limits by disk. */
export type LimitsByDisk = ReadonlyMap<string, DiskLimits>;

/** `vda total_iops_sec=1000; vdb read_bytes_sec=0`. In the name of a disk, white space, `;` and `%` are written as in URLs. */
export function limitsText(byDisk: LimitsByDisk): string {
  return [...byDisk]
    .map(([disk, limits]) => [encoded(disk), ...entries(limits).map(([name, value]) => `${name}=${value}`)].join(' '))
    .join('; ');
}

/** Reads {@link limitsText}. @returns a text that says what is wrong with it */
export function limitsIn(text: string): LimitsByDisk | string {
  const byDisk = new Map<string, DiskLimits>();
  for (const part of text.split(';')) {
    const [disk, ...settings] = part.split(/\s+/).filter((word) => word !== '');
    if (disk === undefined) continue;
    const name = decoded(disk);
    if (name === null || name.length > MAX_NAME) return `${quoted(disk)} is not the name of a disk`;
    if (byDisk.size >= MAX_DISKS) return `more than ${MAX_DISKS} disks`;
    const limits: Partial<Record<DiskLimit, number>> = { ...byDisk.get(name) };
    for (const setting of settings) {
      const [, key = '', value = ''] = /^([a-z_]+)=(-?[0-9.eE+-]+)$/.exec(setting) ?? [];
      if (!(DISK_LIMITS as readonly string[]).includes(key))
        return `${quoted(setting)} is not a limit such as total_iops_sec=1000; there are ${DISK_LIMITS.join(', ')}`;
      limits[key as DiskLimit] = Number(value);
    }
    byDisk.set(name, limits);
  }
  return byDisk;
}

function entries(limits: DiskLimits): (readonly [DiskLimit, number])[] {
  return DISK_LIMITS.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]] as const]));
}

function encoded(disk: string): string {
  return disk.replace(/[\s;%]/g, encodeURIComponent);
}

function decoded(disk: string): string | null {
  try {
    return decodeURIComponent(disk);
  } catch {
    return null;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
