import type { FieldDecl, FieldValue } from '../src/model/field.ts';
import type { Unit } from '../src/model/units.ts';
import type { Host } from '../src/ports/host.ts';
import { Counters } from '../src/host/counters.ts';
import { GuestProcesses, type GuestProcess } from '../src/host/guest-processes.ts';
import { PageSize } from '../src/host/memory-info.ts';
import { ksmPath, readKsm } from '../src/host/ksm.ts';
import { KsmServices } from '../src/host/ksm-services.ts';
import { KsmdMonitor } from '../src/host/ksmd.ts';
import { processStat } from '../src/host/process-stats.ts';
import { defineCollector, type FieldValues } from '../src/plugin/collector.ts';
import { awaitAll } from '../src/support/await-all.ts';

interface KsmFile {
  readonly file: string;
  readonly field: FieldDecl;
}

/** Field names are `ksm_` plus the file name, as in MOM; `ksm_zero_pages` already has the prefix. */
function ksmFile(
  file: string,
  unit: Unit,
  doc: string,
  changes: Pick<FieldDecl, 'type' | 'example'> = { type: 'number' },
): KsmFile {
  const name = file.startsWith('ksm_') ? file : `ksm_${file}`;
  return { file, field: { name, unit, optional: true, doc, source: ksmPath(file), ...changes } };
}

const FILES: readonly KsmFile[] = [
  ksmFile('run', 'none', '0: stopped, 1: running, 2: stopped and all pages unmerged'),
  ksmFile('pages_to_scan', 'pages', 'Pages that ksmd scans before it sleeps'),
  ksmFile('sleep_millisecs', 'ms', 'How long ksmd sleeps between two scans'),
  ksmFile(
    'merge_across_nodes',
    'none',
    '1: pages of different NUMA nodes may be merged, 0: only pages of the same node',
  ),
  ksmFile('max_page_sharing', 'count', 'Maximum number of mappings that share one page'),
  ksmFile('use_zero_pages', 'none', "1: empty pages become the kernel's zero page, 0: they are merged as any other"),
  ksmFile('smart_scan', 'none', '1: pages that could not be merged are skipped for some scans (Linux 6.7)'),
  ksmFile('pages_shared', 'pages', 'Merged pages in use'),
  ksmFile('pages_sharing', 'pages', 'Additional mappings of merged pages: the number of pages saved'),
  ksmFile('pages_unshared', 'pages', 'Unique pages that are repeatedly checked for merging'),
  ksmFile('pages_volatile', 'pages', 'Pages that change too often to be merged'),
  ksmFile('pages_scanned', 'pages', 'Pages scanned since the host started (Linux 6.6)'),
  ksmFile('pages_skipped', 'pages', 'Pages that smart_scan skipped (Linux 6.7)'),
  ksmFile('full_scans', 'count', 'Number of full scans of all mergeable memory'),
  ksmFile('general_profit', 'bytes', 'Memory saved less the KSM metadata; may be negative (Linux 6.1)'),
  ksmFile('ksm_zero_pages', 'pages', 'Pages replaced by the zero page (Linux 6.6)'),
  ksmFile('stable_node_chains', 'count', 'Merged pages that have several copies because of max_page_sharing'),
  ksmFile('stable_node_dups', 'count', 'Number of copies of those pages'),
  ksmFile('stable_node_chains_prune_millisecs', 'ms', 'How often the kernel looks for stale copies'),
  ksmFile('advisor_mode', 'none', 'none, or scan-time: the kernel sets pages_to_scan itself (Linux 6.8)', {
    type: 'string',
    example: '"scan-time"',
  }),
  ksmFile('advisor_max_cpu', '%', 'Upper limit of the CPU time of ksmd, for the advisor'),
  ksmFile('advisor_min_pages_to_scan', 'pages', 'Lower limit of pages_to_scan, for the advisor'),
  ksmFile('advisor_max_pages_to_scan', 'pages', 'Upper limit of pages_to_scan, for the advisor'),
  ksmFile('advisor_target_scan_time', 's', 'Target duration of one full scan, for the advisor'),
];

/**
 * Kernel samepage merging. All fields are nil without KSM; a field is nil when the kernel lacks its file.
 */
export const hostKsm = defineCollector({
  name: 'host-ksm',
  scope: 'host',
  fields: [
    ...FILES.map(({ field }) => field),
    {
      name: 'ksm_saved',
      type: 'number',
      unit: 'KiB',
      optional: true,
      source: `${ksmPath('pages_sharing')} in pages of page_size`,
      doc: 'Memory that KSM saves; 0 while no guest runs, because the counters then refer to nothing; nil before libvirt has listed the guests',
    },
    {
      name: 'ksm_shareable',
      type: 'number',
      unit: 'KiB',
      optional: true,
      source: '/proc/PID/stat vsize of each guest',
      doc: 'Total address space of the QEMU processes of all guests: an upper bound of what could be merged; nil before libvirt has listed the guests',
    },
    {
      name: 'ksmd_cpu_usage',
      type: 'number',
      unit: '%',
      optional: true,
      source: '/proc/PID/stat utime + stime of ksmd',
      doc: 'CPU time of ksmd since the previous sample, in percent of one CPU; 0 in the first',
    },
    {
      name: 'ksm_services',
      type: 'string',
      unit: 'none',
      optional: true,
      source: '/sys/fs/cgroup/system.slice/NAME.service',
      example: '"ksmtuned"',
      doc: 'Running services that write KSM settings too, separated by spaces: ksmtuned, momd and mom-vdsm; empty if there is none. Read once a minute',
    },
  ],
  create: ({ host, now }) => {
    const ksmd = new KsmdMonitor(host, new Counters());
    const services = new KsmServices(host);
    const pageSize = new PageSize();
    const processes = new GuestProcesses();
    return {
      async collect(signal, guests, guestsAreKnown): Promise<FieldValues> {
        const last = processes.of(guests, guestsAreKnown);
        if ((await readKsm(host, 'run')) === null) return {};
        const [files, sizes, cpu, running] = await Promise.all([
          awaitAll(
            FILES.map(async ({ file, field }): Promise<[string, FieldValue]> => [
              field.name,
              await readKsm(host, file),
            ]),
          ),
          last && virtualKib(host, last, signal),
          ksmd.cpuPercent(now),
          services.running(now()),
        ]);
        const values = Object.fromEntries(files);
        const count = guestsAreKnown ? guests.length : (sizes?.filter((kib) => kib !== null).length ?? null);
        const saved = savedKib(values['ksm_pages_sharing'], await pageSize.read(host, signal), count);
        const shareable = sizes?.reduce<number>((sum, kib) => sum + (kib ?? 0), 0) ?? null;
        return {
          ...values,
          ...{ ksm_saved: saved, ksm_shareable: shareable, ksmd_cpu_usage: cpu, ksm_services: running },
        };
      },
    };
  },
});

/**
 * ksmd drops the pages of a process that has ended only when it scans again: without guests the counter says nothing.
 * @param guests null: unknown
 */
function savedKib(
  pagesSharing: FieldValue | undefined,
  pageSizeKib: number | null,
  guests: number | null,
): number | null {
  if (guests === null) return null;
  if (guests === 0) return 0;
  return typeof pagesSharing === 'number' && pageSizeKib !== null ? pagesSharing * pageSizeKib : null;
}

/** null: a guest that has stopped since, or whose process is unknown. */
async function virtualKib(
  host: Host,
  guests: readonly GuestProcess[],
  signal: AbortSignal,
): Promise<readonly (number | null)[]> {
  return Promise.all(
    guests.map(async ({ pid, startTicks }) => {
      const process = pid === null ? null : await processStat(host, pid, signal);
      return process === null || process.startTicks !== (startTicks ?? process.startTicks) ? null : process.virtualKib;
    }),
  );
}
