import type { FieldDecl } from '../src/model/field.ts';
import { Counters } from '../src/host/counters.ts';
import { parseTable } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const MEMINFO = '/proc/meminfo';
const VMSTAT = '/proc/vmstat';

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
    size('mem_free', 'MemFree + Buffers + Cached', 'Unused memory plus caches', { partOf: 'mem_available' }),
    size(
      'mem_available_estimate',
      'MemAvailable',
      "The kernel's estimate of the memory available to new processes without swapping",
      { optional: true, partOf: 'mem_available' },
    ),
    size('anon_pages', 'AnonPages', 'Mapped anonymous memory, including that of guests', { partOf: 'mem_available' }),
    size('swap_total', 'SwapTotal', 'Swap space of the host', { optional: true }),
    size('swap_usage', 'SwapTotal - SwapFree', 'Used swap space', { optional: true, partOf: 'swap_total' }),
    swapped('swap_in', 'pswpin', 'Pages read from swap since the previous sample; 0 in the first'),
    swapped('swap_out', 'pswpout', 'Pages written to swap since the previous sample; 0 in the first'),
  ],
  create: ({ host, now }) => {
    const counters = new Counters();
    const gained = (name: string, value: number | undefined) =>
      value === undefined ? null : (counters.update(name, value, now())?.gained ?? 0);
    return {
      async collect() {
        const [meminfo, vmstat] = await Promise.all([host.readText(MEMINFO), host.readText(VMSTAT)]);
        const memory = parseTable(MEMINFO, meminfo ?? '');
        const events = parseTable(VMSTAT, vmstat ?? '');
        const unused = memory.kib('MemFree');
        const buffers = memory.kib('Buffers');
        const cached = memory.kib('Cached');
        const swapTotal = memory.kib('SwapTotal');
        const swapFree = memory.kib('SwapFree');
        return {
          mem_available: memory.kib('MemTotal'),
          mem_unused: unused,
          mem_free:
            unused === undefined || buffers === undefined || cached === undefined
              ? undefined
              : unused + buffers + cached,
          mem_available_estimate: memory.kib('MemAvailable'),
          anon_pages: memory.kib('AnonPages'),
          swap_total: swapTotal,
          swap_usage: swapTotal === undefined || swapFree === undefined ? undefined : swapTotal - swapFree,
          swap_in: gained('pswpin', events.count('pswpin')),
          swap_out: gained('pswpout', events.count('pswpout')),
        };
      },
    };
  },
});
