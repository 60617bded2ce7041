/** What the control group of all guests tells about its memory. The group is the small host that they share. */
export interface CgroupMemory {
  readonly usageKib: number;
  readonly cacheKib: number;
  readonly inactiveFileKib: number;
  readonly rssKib: number;
  readonly swapKib: number;
}

/**
 * From memory.usage_in_bytes and memory.stat (cgroup v1), of the group with all groups below it.
 * @throws Error for a counter that is missing
 */
export function parseCgroupMemory(usage: string, stat: string): CgroupMemory {
  const kib = (name: string): number => {
    const bytes = new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1];
    if (bytes === undefined) throw new Error(`memory.stat of the guests' control group has no ${name}`);
    return Math.round(Number(bytes) / 1024);
  };
  return {
    usageKib: Math.round(Number(usage) / 1024),
    cacheKib: kib('total_cache'),
    inactiveFileKib: kib('total_inactive_file'),
    rssKib: kib('total_rss'),
    swapKib: kib('total_swap'),
  };
}

/** What the guests take and the kernel cannot simply drop, in memory and in swap. */
export function takenKib(memory: CgroupMemory): number {
  return memory.usageKib - memory.inactiveFileKib + memory.swapKib;
}

/** The /proc/meminfo of the small host, KiB. */
export function hostMeminfo(
  memory: CgroupMemory,
  limitKib: number,
  swapTotalKib: number,
): Readonly<Record<string, number>> {
  // For a moment after the limit was lowered more is in use than it allows.
  const freeKib = Math.max(0, limitKib - memory.usageKib);
  return {
    MemTotal: limitKib,
    MemFree: freeKib,
    MemAvailable: Math.min(limitKib, freeKib + memory.inactiveFileKib),
    Buffers: 0,
    Cached: memory.cacheKib,
    SReclaimable: 0,
    Shmem: 0,
    AnonPages: memory.rssKib,
    SwapTotal: swapTotalKib,
    SwapFree: Math.max(0, swapTotalKib - memory.swapKib),
    SwapCached: 0,
  };
}

/** Seconds in which some of the guests waited for memory, since the group exists: a file such as memory.pressure. */
export function stalledSeconds(pressure: string): number {
  const microseconds = /^some .*\btotal=(\d+)/m.exec(pressure)?.[1];
  if (microseconds === undefined) throw new Error(`no total of "some" in the pressure file: ${pressure.trim()}`);
  return Number(microseconds) / 1e6;
}
