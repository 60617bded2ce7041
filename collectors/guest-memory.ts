import type { FieldDecl } from '../src/model/field.ts';
import type { Unit } from '../src/model/units.ts';
import type { BalloonReading, GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector } from '../src/plugin/collector.ts';

interface Statistic {
  readonly name: string;
  readonly unit: Unit;
  /** libvirt's key without `balloon.`. */
  readonly key: string;
  readonly doc: string;
  readonly partOf?: string;
  readonly of: (balloon: BalloonReading) => number | undefined;
}

const statistic = (
  name: string,
  unit: Unit,
  key: string,
  property: Exclude<keyof BalloonReading, 'other'>,
  doc: string,
  partOf?: string,
): Statistic => ({
  name,
  unit,
  key,
  doc,
  ...(partOf !== undefined && { partOf }),
  of: (balloon) => balloon[property],
});

/** A statistic that guests report since Linux 6.12, if QEMU and libvirt forward it. */
const newer = (name: string, unit: Unit, doc: string): Statistic => ({
  name,
  unit,
  key: name,
  doc,
  of: ({ other }) => lookUp(other, name),
});

/** The kernel, QEMU and libvirt spell these names differently: `oom_kill`, `stat-oom-kills`, `balloon.oom_kill`. */
function lookUp(other: BalloonReading['other'], name: string): number | undefined {
  for (const key in other) {
    if (
      key
        .replace(/^balloon\./, '')
        .replace(/^stat-/, '')
        .replaceAll('-', '_')
        .replace(/s$/, '') === name
    )
      return other[key];
  }
  return undefined;
}

const STATISTICS: readonly Statistic[] = [
  statistic(
    'mem_available',
    'KiB',
    'available',
    'availableKib',
    'Total memory as seen by the guest: MemTotal in the guest',
    'balloon_cur',
  ),
  statistic(
    'mem_unused',
    'KiB',
    'unused',
    'unusedKib',
    'Unused memory of the guest: MemFree in the guest',
    'mem_available',
  ),
  statistic(
    'usable',
    'KiB',
    'usable',
    'usableKib',
    'Memory that the guest can use without swapping: MemAvailable in the guest',
    'mem_available',
  ),
  statistic(
    'disk_caches',
    'KiB',
    'disk_caches',
    'diskCachesKib',
    'Disk caches that the guest can reclaim without writing',
    'mem_available',
  ),
  statistic('swap_in', 'KiB', 'swap_in', 'swapInKib', 'Read from swap since the guest started'),
  statistic('swap_out', 'KiB', 'swap_out', 'swapOutKib', 'Written to swap since the guest started'),
  statistic(
    'major_fault',
    'count',
    'major_fault',
    'majorFaults',
    'Page faults since the guest started that required disk I/O',
  ),
  statistic('minor_fault', 'count', 'minor_fault', 'minorFaults', 'All other page faults since the guest started'),
  statistic(
    'hugetlb_pgalloc',
    'count',
    'hugetlb_pgalloc',
    'hugetlbPagesAllocated',
    'Huge pages that the guest allocated',
  ),
  statistic(
    'hugetlb_pgfail',
    'count',
    'hugetlb_pgfail',
    'hugetlbPagesFailed',
    'Huge pages that the guest could not allocate',
  ),
  statistic(
    'balloon_rss',
    'KiB',
    'rss',
    'rssKib',
    "Resident memory of the guest's QEMU process, as reported by libvirt",
  ),
  newer('oom_kill', 'count', "Processes killed by the guest's OOM killer"),
  newer('alloc_stall', 'count', 'Allocations in the guest that stalled on direct reclaim'),
  newer('async_scan', 'pages', "Pages scanned by the guest's kswapd"),
  newer('direct_scan', 'pages', 'Pages scanned by direct reclaim in the guest'),
  newer('async_reclaim', 'pages', "Pages reclaimed by the guest's kswapd"),
  newer('direct_reclaim', 'pages', 'Pages reclaimed by direct reclaim in the guest'),
];

/** Policies depend on these: a guest without them is excluded from policy evaluation. */
const MANDATORY: ReadonlySet<string> = new Set(['mem_available', 'mem_unused']);

const notFromLibvirt = (name: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'KiB',
  optional: true,
  doc: `${doc}; always nil: MOM obtained it from an agent in the guest`,
  source: 'none',
});

/** The memory statistics that the guest's balloon driver reports. */
export const guestMemory = defineCollector({
  name: 'guest-memory',
  scope: 'guest',
  stateless: true,
  fields: [
    ...STATISTICS.map(({ name, unit, key, doc, partOf }): FieldDecl => ({
      name,
      type: 'number',
      unit,
      optional: !MANDATORY.has(name),
      doc,
      source: `libvirt balloon.${key}`,
      ...(partOf !== undefined && { partOf }),
    })),
    {
      name: 'mem_used',
      type: 'number',
      unit: 'KiB',
      optional: true,
      source: 'libvirt balloon.available less balloon.usable',
      doc: 'Memory that the guest cannot give without swapping: mem_available less usable',
      partOf: 'mem_available',
    },
    notFromLibvirt('swap_total', 'Swap space of the guest'),
    notFromLibvirt('swap_usage', 'Used swap space of the guest'),
    {
      name: 'last_update',
      type: 'number',
      unit: 's',
      optional: true,
      source: 'libvirt balloon.last-update',
      doc: 'Time at which the guest reported its statistics, seconds since the epoch; nil if it never has',
    },
    {
      name: 'stats_age',
      type: 'number',
      unit: 's',
      optional: true,
      source: 'the time of the sample less libvirt balloon.last-update',
      doc: 'Age of these statistics; nil if the guest has never reported any',
    },
  ],
  create: ({ now }) => ({
    collect({ balloon }: GuestReading) {
      const { availableKib, usableKib } = balloon;
      const updated = balloon.lastUpdateS ?? 0;
      return {
        ...Object.fromEntries(STATISTICS.map(({ name, of }) => [name, of(balloon)])),
        mem_used: availableKib === undefined || usableKib === undefined ? null : Math.max(0, availableKib - usableKib),
        last_update: updated === 0 ? null : updated,
        stats_age: updated === 0 ? null : now() / 1000 - updated,
      };
    },
  }),
});
