import type { FieldDecl } from '../src/model/field.ts';
import { Counters, perSecond } from '../src/host/counters.ts';
import { VMSTAT } from '../src/host/memory-info.ts';
import { readShared } from '../src/host/shared-reads.ts';
import { parseTable, type KernelTable } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';

interface Rate {
  readonly counter: string;
  readonly doc: string;
  readonly of: (events: KernelTable) => number | undefined;
}

const rate = (counter: string, doc: string): Rate => ({ counter, doc, of: (events) => events.count(counter) });

const RATES: readonly Rate[] = [
  rate('pswpin', 'Pages read from swap'),
  rate('pswpout', 'Pages written to swap'),
  rate('pgmajfault', 'Page faults that required disk I/O'),
  rate('pgscan_kswapd', 'Pages scanned by kswapd'),
  rate('pgscan_direct', 'Pages scanned by direct reclaim'),
  rate('pgsteal_kswapd', 'Pages reclaimed by kswapd'),
  rate('pgsteal_direct', 'Pages reclaimed by direct reclaim'),
  { counter: 'allocstall', doc: 'Allocations that stalled on direct reclaim, all zones', of: allocationStalls },
  rate('oom_kill', 'Processes killed by the OOM killer'),
  rate('cow_ksm', 'Copies of merged pages caused by writes (Linux 5.18)'),
];

/** One counter per zone, `allocstall_normal` and so on (before Linux 4.10 a single counter). */
function allocationStalls(events: KernelTable): number | undefined {
  let sum: number | undefined;
  for (const name of events.names) {
    if (name === 'allocstall' || name.startsWith('allocstall_')) sum = (sum ?? 0) + (events.count(name) ?? 0);
  }
  return sum;
}

/** Memory reclaim and swapping by the kernel, per second since the previous sample; nil in the first sample. */
export const hostVmstat = defineCollector({
  name: 'host-vmstat',
  scope: 'host',
  fields: RATES.map(({ counter, doc }): FieldDecl => ({
    name: `${counter}_rate`,
    type: 'number',
    unit: 'per second',
    optional: true,
    doc: `${doc}; nil in the first sample`,
    source: `${VMSTAT} ${counter}`,
  })),
  create: ({ host, now }) => {
    const counters = new Counters();
    return {
      async collect(signal) {
        const text = await readShared(host, VMSTAT, signal);
        const timeMs = now();
        if (text === null) return {};
        const events = parseTable(VMSTAT, text);
        return Object.fromEntries(
          RATES.map(({ counter, of }) => {
            const value = of(events);
            return [`${counter}_rate`, value === undefined ? null : perSecond(counters.update(counter, value, timeMs))];
          }),
        );
      },
    };
  },
});
