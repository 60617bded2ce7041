import type { FieldDecl } from '../src/model/field.ts';
import { Counters, perSecond } from '../src/host/counters.ts';
import { parseTable, type KernelTable } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const VMSTAT = '/proc/vmstat';

interface Rate {
  readonly counter: string;
  readonly doc: string;
  readonly of: (events: KernelTable) => number | undefined;
}

const rate = (counter: string, doc: string): Rate => ({ counter, doc, of: (events) => events.count(counter) });

const RATES: readonly Rate[] = [
  rate('pswpin', 'Pages read from swap'),
  rate('pswpout', 'Pages written to swap'),
  rate('pgmajfault', 'Page faults that had to wait for a disk'),
  rate('pgscan_kswapd', 'Pages that kswapd looked at, to reclaim them'),
  rate('pgscan_direct', 'Pages that tasks had to look at themselves, because memory was short at once'),
  rate('pgsteal_kswapd', 'Pages that kswapd reclaimed'),
  rate('pgsteal_direct', 'Pages that tasks had to reclaim themselves'),
  { counter: 'allocstall', doc: 'Allocations that had to wait for reclaim, all zones', of: allocationStalls },
  rate('oom_kill', 'Processes that the kernel killed for lack of memory'),
  rate('cow_ksm', 'Merged pages that were written to and had to be copied (Linux 5.18)'),
];

/** The counter is kept by zone, `allocstall_normal` and so on (before Linux 4.10 it was one). */
function allocationStalls(events: KernelTable): number | undefined {
  let sum: number | undefined;
  for (const name of events.names) {
    if (name === 'allocstall' || name.startsWith('allocstall_')) sum = (sum ?? 0) + (events.count(name) ?? 0);
  }
  return sum;
}

/** What the kernel does to find memory, per second since the previous sample; nil in the first sample. */
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
      async collect() {
        const text = await host.readText(VMSTAT);
        const timeMs = now();
        if (text === null) return {};
        const events = parseTable(VMSTAT, text);
        return Object.fromEntries(
          RATES.map(({ counter, of }) => {
            const value = of(events);
            return [`${counter}_rate`, value === undefined ? null : perSecond(counters.look(counter, value, timeMs))];
          }),
        );
      },
    };
  },
});
