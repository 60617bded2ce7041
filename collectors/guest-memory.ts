import type { FieldDecl } from '../src/model/field.ts';
import type { Unit } from '../src/model/units.ts';
import type { BalloonReading, GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector } from '../src/plugin/collector.ts';

interface Figure {
  readonly name: string;
  readonly unit: Unit;
  /** libvirt's key without its `balloon.`. */
  readonly key: string;
  readonly doc: string;
  readonly partOf?: string;
  readonly of: (balloon: BalloonReading) => number | undefined;
}

const figure = (
  name: string,
  unit: Unit,
  key: string,
  property: Exclude<keyof BalloonReading, 'other'>,
  doc: string,
  partOf?: string,
): Figure => ({
  name,
  unit,
  key,
  doc,
  ...(partOf !== undefined && { partOf }),
  of: (balloon) => balloon[property],
});

/** A figure that guests give since Linux 6.12, where QEMU and libvirt pass it on. */
const newer = (name: string, unit: Unit, doc: string): Figure => ({
  name,
  unit,
  key: name,
  doc,
  of: ({ other }) => lookUp(other, name),
});

/** The kernel, QEMU and libvirt spell these names each in its own way: `oom_kill`, `stat-oom-kills`, `balloon.oom_kill`. */
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

const FIGURES: readonly Figure[] = [
  figure(
    'mem_available',
    'KiB',
    'available',
    'availableKib',
    'All memory that the guest sees: MemTotal inside',
    'balloon_cur',
  ),
  figure(
    'mem_unused',
    'KiB',
    'unused',
    'unusedKib',
    'Memory that the guest uses for nothing: MemFree inside',
    'mem_available',
  ),
  figure(
    'usable',
    'KiB',
    'usable',
    'usableKib',
    'What the guest could use without swapping: MemAvailable inside',
    'mem_available',
  ),
  figure(
    'disk_caches',
    'KiB',
    'disk_caches',
    'diskCachesKib',
    'What the guest could give up without writing anything: its caches',
    'mem_available',
  ),
  figure('swap_in', 'KiB', 'swap_in', 'swapInKib', 'Read from swap since the guest started'),
  figure('swap_out', 'KiB', 'swap_out', 'swapOutKib', 'Written to swap since the guest started'),
  figure(
    'major_fault',
    'count',
    'major_fault',
    'majorFaults',
    'Page faults since the guest started that waited for a disk',
  ),
  figure('minor_fault', 'count', 'minor_fault', 'minorFaults', 'All other page faults since the guest started'),
  figure('hugetlb_pgalloc', 'count', 'hugetlb_pgalloc', 'hugetlbPagesAllocated', 'Huge pages that the guest allocated'),
  figure(
    'hugetlb_pgfail',
    'count',
    'hugetlb_pgfail',
    'hugetlbPagesFailed',
    'Huge pages that the guest could not allocate',
  ),
  figure('balloon_rss', 'KiB', 'rss', 'rssKib', "Resident memory of the guest's QEMU process, as libvirt gives it"),
  newer('oom_kill', 'count', 'Processes that the guest killed for lack of memory'),
  newer('alloc_stall', 'count', 'Allocations in the guest that had to wait for reclaim'),
  newer('async_scan', 'pages', "Pages that the guest's kswapd looked at"),
  newer('direct_scan', 'pages', "Pages that the guest's tasks had to look at themselves"),
  newer('async_reclaim', 'pages', "Pages that the guest's kswapd reclaimed"),
  newer('direct_reclaim', 'pages', "Pages that the guest's tasks had to reclaim themselves"),
];

/** The two that policies calculate with: without them a guest is not offered to a policy. */
const MANDATORY: ReadonlySet<string> = new Set(['mem_available', 'mem_unused']);

const notFromLibvirt = (name: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'KiB',
  optional: true,
  doc: `${doc}; always nil: MOM asked an agent in the guest`,
  source: 'none',
});

/** What the guest's balloon driver reports of the inside. */
export const guestMemory = defineCollector({
  name: 'guest-memory',
  scope: 'guest',
  fields: [
    ...FIGURES.map(({ name, unit, key, doc, partOf }): FieldDecl => ({
      name,
      type: 'number',
      unit,
      optional: !MANDATORY.has(name),
      doc,
      source: `libvirt balloon.${key}`,
      ...(partOf !== undefined && { partOf }),
    })),
    notFromLibvirt('swap_total', 'Swap space of the guest'),
    notFromLibvirt('swap_usage', "The guest's swap space in use"),
    {
      name: 'last_update',
      type: 'number',
      unit: 's',
      optional: true,
      source: 'libvirt balloon.last-update',
      doc: 'When the guest reported these figures, seconds since the epoch; nil when it has never done so',
    },
    {
      name: 'stats_age',
      type: 'number',
      unit: 's',
      optional: true,
      source: 'the time of the sample less libvirt balloon.last-update',
      doc: 'Age of these figures; nil when the guest has never reported',
    },
  ],
  create: ({ now }) => ({
    collect({ balloon }: GuestReading) {
      const updated = balloon.lastUpdateS ?? 0;
      return {
        ...Object.fromEntries(FIGURES.map(({ name, of }) => [name, of(balloon)])),
        last_update: updated === 0 ? null : updated,
        stats_age: updated === 0 ? null : now() / 1000 - updated,
      };
    },
  }),
});
