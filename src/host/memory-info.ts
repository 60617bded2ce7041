import { arch } from 'node:os';
import { pageSizeFrom } from '../model/units.ts';
import type { Host } from '../ports/host.ts';
import { readShared } from './shared-reads.ts';
import { parseKstat, parseTable, type KernelTable } from './table.ts';

export const MEMINFO = '/proc/meminfo';
export const VMSTAT = '/proc/vmstat';
export const ARCSTATS = '/proc/spl/kstat/zfs/arcstats';

/** So few free pages change too much between two reads to tell the page size from them. */
const LEAST_FREE_PAGES = 256;

/** /proc/meminfo and /proc/vmstat of one interval. A file that is missing is an empty table. */
export async function memoryTables(
  host: Host,
  interval: AbortSignal,
): Promise<{ readonly memory: KernelTable; readonly events: KernelTable }> {
  const [meminfo, vmstat] = await Promise.all([
    readShared(host, MEMINFO, interval),
    readShared(host, VMSTAT, interval),
  ]);
  return { memory: parseTable(MEMINFO, meminfo ?? ''), events: parseTable(VMSTAT, vmstat ?? '') };
}

/** Memory that is reserved as huge pages, in use or not, KiB. @throws HostFormatError */
export function hugetlbKib(memory: KernelTable): number | undefined {
  const all = memory.kib('Hugetlb');
  if (all !== undefined) return all;
  // Before Linux 4.16 only the pages of the default size were listed.
  const pages = memory.count('HugePages_Total');
  const size = memory.kib('Hugepagesize');
  return pages === undefined || size === undefined ? undefined : pages * size;
}

/** Memory that is not reserved as huge pages, KiB. A kernel without huge pages lists none. @throws HostFormatError */
export function ordinaryKib(memory: KernelTable): number | undefined {
  const total = memory.kib('MemTotal');
  return total === undefined ? undefined : Math.max(0, total - (hugetlbKib(memory) ?? 0));
}

/**
 * The page size of the kernel, KiB: /proc/meminfo has free memory in KiB, /proc/vmstat the same in pages. Undefined when
 * the two do not fit one of the sizes that Linux has.
 * @throws HostFormatError
 */
export function pageSizeKib(memory: KernelTable, events: KernelTable): number | undefined {
  const free = memory.kib('MemFree');
  const pages = events.count('nr_free_pages');
  if (free === undefined || pages === undefined || pages < LEAST_FREE_PAGES) return undefined;
  return pageSizeFrom(free, pages) ?? undefined;
}

/** What the ARC of OpenZFS has above its minimum, KiB; 0 on a host without OpenZFS. @throws HostFileError, HostFormatError */
export async function reclaimableArcKib(host: Host, interval: AbortSignal): Promise<number> {
  const text = await readShared(host, ARCSTATS, interval);
  const arc = text === null ? null : parseKstat(ARCSTATS, text);
  const [size, least] = [arc?.count('size'), arc?.count('c_min')];
  return size === undefined || least === undefined ? 0 : Math.max(0, Math.floor((size - least) / 1024));
}

/** Architectures that have a single page size, KiB. */
const ONLY_PAGE_SIZE_KIB: Readonly<Record<string, number>> = { x64: 4, s390x: 4 };

/**
 * Remembers the page size: it never changes while the kernel runs, and a host that is nearly full has too few free
 * pages to tell.
 */
export class PageSize {
  #kib: number | null = null;

  /** KiB; null while it is unknown. @throws HostFileError, HostFormatError */
  async read(host: Host, interval: AbortSignal): Promise<number | null> {
    if (this.#kib !== null) return this.#kib;
    const { memory, events } = await memoryTables(host, interval);
    return (this.#kib = pageSizeKib(memory, events) ?? ONLY_PAGE_SIZE_KIB[arch()] ?? null);
  }
}
