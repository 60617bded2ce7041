import type { FieldDecl } from '../src/model/field.ts';
import type { Unit } from '../src/model/units.ts';
import { Counters } from '../src/host/counters.ts';
import { TICKS_PER_SECOND } from '../src/host/process-stat.ts';
import { readShared } from '../src/host/shared-reads.ts';
import { processStat } from '../src/host/process-stats.ts';
import { parseTable } from '../src/host/table.ts';
import type { GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const stat = (name: string, unit: Unit, column: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit,
  optional: true,
  doc,
  source: `/proc/PID/stat ${column}`,
});

const ksmStat = (name: string, unit: Unit, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit,
  optional: true,
  doc,
  source: `/proc/PID/ksm_stat ${name}`,
});

/** The guest's QEMU process on the host. All fields are nil when the process is unknown. */
export const guestQemuProcess = defineCollector({
  name: 'guest-qemu-process',
  scope: 'guest',
  fields: [
    stat('rss', 'pages', 'rss', "Resident pages, in the host kernel's page size; balloon_rss is the same in KiB"),
    stat(
      'host_minor_faults',
      'count',
      'minflt',
      'Page faults on the host since the previous sample that required no disk I/O; 0 in the first',
    ),
    stat(
      'host_major_faults',
      'count',
      'majflt',
      'Page faults on the host since the previous sample that required disk I/O; 0 in the first',
    ),
    {
      name: 'uptime',
      type: 'number',
      unit: 's',
      optional: true,
      doc: 'How long the QEMU process has run: since the guest was started, or arrived',
      source: '/proc/uptime less /proc/PID/stat starttime',
    },
    ksmStat('ksm_merging_pages', 'pages', 'Pages of this guest that are merged (Linux 6.1)'),
    ksmStat(
      'ksm_process_profit',
      'bytes',
      'Memory that KSM saves in this guest, less the KSM metadata; may be negative (Linux 6.1)',
    ),
    ksmStat('ksm_rmap_items', 'count', "KSM's reverse-mapping items for this guest (Linux 6.1)"),
  ],
  create: ({ host, now }) => {
    const counters = new Counters();
    return {
      async collect({ uuid, pid, startTicks }: GuestReading, signal: AbortSignal) {
        if (pid === null) return {};
        const ksmPath = `/proc/${pid}/ksm_stat`;
        const [process, ksmText, uptimeText] = await Promise.all([
          processStat(host, pid, signal),
          host.readText(ksmPath),
          readShared(host, '/proc/uptime', signal),
        ]);
        // The process has ended, and another one may have got its pid.
        if (process === null || process.startTicks !== (startTicks ?? process.startTicks)) return {};
        const ksm = parseTable(ksmPath, ksmText ?? '');
        const gained = (name: string, value: number) =>
          counters.update(`${name} ${uuid} ${pid} ${process.startTicks}`, value, now())?.gained ?? 0;
        return {
          rss: process.residentPages,
          uptime: uptimeOf(process.startTicks, uptimeText),
          host_minor_faults: gained('minor', process.minorFaults),
          host_major_faults: gained('major', process.majorFaults),
          ksm_merging_pages: ksm.count('ksm_merging_pages'),
          ksm_process_profit: ksm.signed('ksm_process_profit'),
          ksm_rmap_items: ksm.count('ksm_rmap_items'),
        };
      },
    };
  },
});

/** Seconds; null when the host does not say how long it has run. */
function uptimeOf(startTicks: number, hostUptime: string | null): number | null {
  const hostS = Number.parseFloat(hostUptime ?? '');
  return Number.isFinite(hostS) ? Math.max(0, hostS - startTicks / TICKS_PER_SECOND) : null;
}
