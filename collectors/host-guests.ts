import type { FieldDecl } from '../src/model/field.ts';
import { MEMINFO, memoryTables, ordinaryKib, PageSize } from '../src/host/memory-info.ts';
import { GuestProcesses, type GuestProcess } from '../src/host/guest-processes.ts';
import { processStat } from '../src/host/process-stats.ts';
import type { Host } from '../src/ports/host.ts';
import { pluggedMaximumKib } from '../src/ports/guest-domain.ts';
import type { GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const size = (name: string, source: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'KiB',
  optional: true,
  doc,
  source,
});

/**
 * What the host has promised to its guests, and what they have taken of it. Every running guest counts, also one that
 * reports no statistics or is excluded from policy evaluation. All are nil while libvirt cannot be asked, except guests_rss,
 * which the processes themselves show.
 */
export const hostGuests = defineCollector({
  name: 'host-guests',
  scope: 'host',
  fields: [
    {
      name: 'guests_running',
      type: 'number',
      unit: 'count',
      optional: true,
      doc: 'Number of running guests, with statistics or not',
      source: 'libvirt',
    },
    size(
      'guests_memory_max',
      'libvirt balloon.maximum, less what is not plugged',
      'Maximum memory of all running guests together',
    ),
    size(
      'guests_memory_cur',
      'libvirt balloon.current',
      'Current memory of all running guests together; a guest whose size is unknown counts with its maximum',
    ),
    size(
      'guests_rss',
      'libvirt balloon.rss, else /proc/PID/stat rss',
      'Resident memory of the QEMU processes of all running guests; nil if that of one is unknown',
    ),
    {
      name: 'overcommit_ratio',
      type: 'number',
      unit: 'ratio',
      optional: true,
      doc: 'guests_memory_max divided by mem_ordinary: above 1 the guests are promised more memory than the host has',
      source: `libvirt balloon.maximum, ${MEMINFO} MemTotal - Hugetlb`,
    },
  ],
  create: ({ host }) => {
    const pageSize = new PageSize();
    const processes = new GuestProcesses();
    return {
      async collect(signal, guests, guestsAreKnown) {
        const last = processes.of(guests, guestsAreKnown);
        if (!guestsAreKnown) return { guests_rss: last && sum(await residentKib(last, host, pageSize, signal)) };
        const { memory } = await memoryTables(host, signal);
        const ordinary = ordinaryKib(memory);
        const promised = sum(guests.map((guest) => pluggedMaximumKib(guest) ?? null));
        return {
          guests_running: guests.length,
          guests_memory_max: promised,
          guests_memory_cur: sum(guests.map((guest) => guest.balloon.currentKib ?? pluggedMaximumKib(guest) ?? null)),
          guests_rss: sum(await residentKib(guests, host, pageSize, signal)),
          overcommit_ratio: promised === null || ordinary === undefined || ordinary === 0 ? null : promised / ordinary,
        };
      },
    };
  },
});

/** Unknown when one of them is: a sum that is too small would promise memory that is not there. */
function sum(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce<number | null>((total, kib) => (total === null || kib === null ? null : total + kib), 0);
}

/** libvirt reads it from the process that it started; a pid file can be older than the process. */
async function residentKib(
  guests: readonly (GuestProcess & { readonly balloon?: GuestReading['balloon'] })[],
  host: Host,
  pageSize: PageSize,
  signal: AbortSignal,
): Promise<readonly (number | null)[]> {
  const pageKib = await pageSize.read(host, signal);
  return Promise.all(
    guests.map(async ({ pid, startTicks, balloon }) => {
      if (balloon?.rssKib !== undefined) return balloon.rssKib;
      if (pid === null || pageKib === null) return null;
      const process = await processStat(host, pid, signal);
      // A process that has ended holds nothing, and what another one with its pid holds is not the guest's.
      return process === null || process.startTicks !== (startTicks ?? process.startTicks)
        ? 0
        : process.residentPages * pageKib;
    }),
  );
}
