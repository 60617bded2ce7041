import type { FieldDecl } from '../src/model/field.ts';
import { Counters } from '../src/host/counters.ts';
import {
  hugetlbKib,
  MEMINFO,
  memoryTables,
  ordinaryKib,
  PageSize,
  ARCSTATS,
  reclaimableArcKib,
  VMSTAT,
} from '../src/host/memory-info.ts';
import type { KernelTable } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const size = (name: string, source: string, doc: string, more: Partial<FieldDecl> = {}): FieldDecl => ({
  name,
  type: 'number',
  unit: 'KiB',
  optional: false,
  doc,
  source: `${MEMINFO} ${source}`,
  ...more,
});

const swapped = (name: string, source: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'pages',
  optional: true,
  doc,
  source: `${VMSTAT} ${source}`,
});

/** Memory and swap of the host. Note that `mem_available` is MOM's name for the total. */
export const hostMemory = defineCollector({
  name: 'host-memory',
  scope: 'host',
  fields: [
    size('mem_available', 'MemTotal', 'Total memory of the host (the name comes from MOM)'),
    size('mem_unused', 'MemFree', 'Unused memory', { partOf: 'mem_free' }),
    size(
      'mem_free',
      'MemFree + Buffers + Cached',
      'Unused memory plus caches, as MOM has it. It includes shared memory, which cannot be reclaimed: decide by mem_allocatable',
      { partOf: 'mem_available' },
    ),
    size(
      'mem_ordinary',
      'MemTotal - Hugetlb',
      'Memory that is not reserved as huge pages: what ordinary guests and programs share',
      { partOf: 'mem_available' },
    ),
    {
      ...size(
        'mem_allocatable',
        'MemAvailable',
        'Memory that can be handed out without swapping: MemAvailable plus the part of the ZFS ARC above its minimum. On a kernel without MemAvailable: unused memory plus caches without shared memory',
        { partOf: 'mem_ordinary' },
      ),
      source: `${MEMINFO} MemAvailable, ${ARCSTATS} size - c_min`,
    },
    size(
      'mem_available_estimate',
      'MemAvailable',
      "The kernel's estimate of the memory available to new processes without swapping",
      { optional: true, partOf: 'mem_available' },
    ),
    size('anon_pages', 'AnonPages', 'Mapped anonymous memory, including that of guests', { partOf: 'mem_available' }),
    size('shmem', 'Shmem', 'Shared memory: memfd and tmpfs files, the memory of guests with shared backing', {
      optional: true,
      partOf: 'mem_ordinary',
    }),
    size('hugetlb', 'Hugetlb', 'Memory reserved as huge pages, used or not', {
      optional: true,
      partOf: 'mem_available',
    }),
    {
      ...size('page_size', 'MemFree', 'Page size of the kernel; nil while it cannot be determined', { optional: true }),
      unit: 'KiB/pages',
      source: `${MEMINFO} MemFree / ${VMSTAT} nr_free_pages`,
    },
    size('swap_total', 'SwapTotal', 'Swap space of the host', { optional: true }),
    size('swap_usage', 'SwapTotal - SwapFree', 'Used swap space', { optional: true, partOf: 'swap_total' }),
    size('swap_cached', 'SwapCached', 'Memory that is in swap and in memory at the same time', { optional: true }),
    size('zswap', 'Zswap', 'Memory that zswap uses for compressed pages (Linux 5.19)', {
      optional: true,
      partOf: 'mem_ordinary',
    }),
    size('zswapped', 'Zswapped', 'Size of the pages in zswap before compression (Linux 5.19)', { optional: true }),
    swapped('swap_in', 'pswpin', 'Pages read from swap since the previous sample; 0 in the first'),
    swapped('swap_out', 'pswpout', 'Pages written to swap since the previous sample; 0 in the first'),
  ],
  create: ({ host, now }) => {
    const counters = new Counters();
    const pageSize = new PageSize();
    const gained = (name: string, value: number | undefined) =>
      value === undefined ? null : (counters.update(name, value, now())?.gained ?? 0);
    return {
      async collect(signal) {
        const { memory, events } = await memoryTables(host, signal);
        const swapTotal = memory.kib('SwapTotal');
        const swapFree = memory.kib('SwapFree');
        return {
          mem_available: memory.kib('MemTotal'),
          mem_unused: memory.kib('MemFree'),
          mem_free: sumOf(memory, ['MemFree', 'Buffers', 'Cached']),
          mem_ordinary: ordinaryKib(memory),
          mem_allocatable: allocatableKib(memory, await reclaimableArcKib(host, signal)),
          mem_available_estimate: memory.kib('MemAvailable'),
          anon_pages: memory.kib('AnonPages'),
          shmem: memory.kib('Shmem'),
          hugetlb: hugetlbKib(memory),
          page_size: await pageSize.read(host, signal),
          swap_total: swapTotal,
          swap_usage: swapTotal === undefined || swapFree === undefined ? undefined : swapTotal - swapFree,
          swap_cached: memory.kib('SwapCached'),
          zswap: memory.kib('Zswap'),
          zswapped: memory.kib('Zswapped'),
          swap_in: gained('pswpin', events.count('pswpin')),
          swap_out: gained('pswpout', events.count('pswpout')),
        };
      },
    };
  },
});

function sumOf(memory: KernelTable, names: readonly string[]): number | undefined {
  return names.reduce<number | undefined>((sum, name) => {
    const kib = memory.kib(name);
    return sum === undefined || kib === undefined ? undefined : sum + kib;
  }, 0);
}

function allocatableKib(memory: KernelTable, arcKib: number): number | undefined {
  const available = memory.kib('MemAvailable');
  if (available !== undefined) return available + arcKib;
  // Before Linux 3.14.
  const free = sumOf(memory, ['MemFree', 'Buffers', 'Cached']);
  return free === undefined ? undefined : Math.max(0, free - (memory.kib('Shmem') ?? 0)) + arcKib;
}
