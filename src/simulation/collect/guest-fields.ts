import type { FieldValue, Layout, Sample } from '../../model/field.ts';
import type { BalloonReading } from '../../ports/hypervisor.ts';
import { columnsOf } from '../../model/sample.ts';
import type { Guest } from '../guest/guest.ts';
import { PAGE_KIB } from '../constants.ts';
import { jobOf, rssOf, stateOf } from '../ports/hypervisor.ts';
import type { World } from '../world.ts';

type Fields = Readonly<Record<string, FieldValue | undefined>>;

/** What Ballast knows of a guest, by field. */
export interface Known {
  /** What the guards think of it. */
  readonly verdicts: (uuid: string) => Fields;
  /** What was written to it. */
  readonly writes: (uuid: string, nowMs: number) => Fields;
}

/** What the process of a guest had at its last sample. */
interface Faults {
  readonly minor: number;
  readonly major: number;
}

/** The fields of a guest that change. */
const columns = columnsOf([
  ...(['balloon_cur', 'mem_available', 'mem_unused', 'usable', 'mem_used', 'disk_caches'] as const),
  ...([
    'swap_in',
    'swap_out',
    'major_fault',
    'minor_fault',
    'balloon_rss',
    'last_update',
    'stats_age',
    'rss',
    'uptime',
    'job',
  ] as const),
  ...(['host_minor_faults', 'host_major_faults', 'state', 'stats_missing'] as const),
  ...(['ksm_merging_pages', 'ksm_process_profit', 'ksm_rmap_items'] as const),
  ...(['oom_kill', 'alloc_stall', 'async_scan', 'direct_scan', 'async_reclaim', 'direct_reclaim'] as const),
  ...(['balloon_stuck', 'memory_not_returned', 'figures_doubted', 'pain_age', 'granted'] as const),
  ...(['last_target', 'last_target_age', 'last_outcome', 'held_by'] as const),
]);

/** Fills the samples of guests, with the values that the collectors would make of the same figures. */
export class GuestFields {
  readonly #world: World;
  readonly #now: () => number;
  readonly #known: Known;
  readonly #layout: Layout;
  readonly #last = new Map<Guest, Faults>();

  constructor(world: World, layout: Layout, known: Known, now: () => number) {
    this.#world = world;
    this.#now = now;
    this.#known = known;
    this.#layout = layout;
  }

  /** Notes the counters of a guest that has no sample at this time: the next one counts from here. */
  note(guest: Guest): Faults {
    const { hostMinorFaults: minor, hostMajorFaults: major } = guest.workload;
    const last = this.#last.get(guest) ?? { minor, major };
    this.#last.set(guest, { minor, major });
    return last;
  }

  /** @param template a sample of this guest, for the fields that do not change */
  sample(guest: Guest, index: number, template: Sample): Sample {
    const at = columns(this.#layout);
    const { memory, statistics, workload, startedS, overhead } = guest;
    const { nowS, ksm } = this.#world;
    const { last: report, lastUpdateS, missing } = statistics;
    const { other } = report;
    const last = this.note(guest);
    const nowMs = this.#now();
    const verdicts = this.#known.verdicts(guest.uuid);
    const writes = this.#known.writes(guest.uuid, nowMs);
    const sample = template.slice();
    put(sample, at.balloon_cur, memory.size * PAGE_KIB);
    put(sample, at.mem_available, report.availableKib ?? null);
    put(sample, at.mem_unused, report.unusedKib ?? null);
    put(sample, at.usable, report.usableKib ?? null);
    put(sample, at.mem_used, usedKib(report));
    put(sample, at.disk_caches, report.diskCachesKib ?? null);
    put(sample, at.swap_in, report.swapInKib ?? null);
    put(sample, at.swap_out, report.swapOutKib ?? null);
    put(sample, at.major_fault, report.majorFaults ?? null);
    put(sample, at.minor_fault, report.minorFaults ?? null);
    put(sample, at.oom_kill, other['oom_kill'] ?? null);
    put(sample, at.alloc_stall, other['alloc_stall'] ?? null);
    put(sample, at.async_scan, other['async_scan'] ?? null);
    put(sample, at.direct_scan, other['direct_scan'] ?? null);
    put(sample, at.async_reclaim, other['async_reclaim'] ?? null);
    put(sample, at.direct_reclaim, other['direct_reclaim'] ?? null);
    put(sample, at.balloon_rss, rssOf(guest));
    put(sample, at.last_update, lastUpdateS);
    put(sample, at.stats_age, nowMs / 1000 - lastUpdateS);
    put(sample, at.rss, memory.resident + overhead);
    put(sample, at.host_minor_faults, workload.hostMinorFaults - last.minor);
    put(sample, at.host_major_faults, workload.hostMajorFaults - last.major);
    put(sample, at.uptime, nowS - startedS);
    put(sample, at.ksm_merging_pages, memory.merged);
    put(sample, at.ksm_process_profit, ksm.profitOf(index));
    put(sample, at.ksm_rmap_items, ksm.items(index));
    put(sample, at.state, stateOf(guest));
    put(sample, at.stats_missing, missing?.cause ?? null);
    put(sample, at.job, jobOf(guest));
    put(sample, at.balloon_stuck, verdicts['balloon_stuck'] ?? null);
    put(sample, at.memory_not_returned, verdicts['memory_not_returned'] ?? null);
    put(sample, at.figures_doubted, verdicts['figures_doubted'] ?? null);
    put(sample, at.pain_age, verdicts['pain_age'] ?? null);
    put(sample, at.granted, verdicts['granted'] ?? null);
    put(sample, at.last_target, writes['last_target'] ?? null);
    put(sample, at.last_target_age, writes['last_target_age'] ?? null);
    put(sample, at.last_outcome, writes['last_outcome'] ?? null);
    put(sample, at.held_by, writes['held_by'] ?? null);
    return sample;
  }
}

/** As the collector reckons it. */
function usedKib({ availableKib, usableKib }: BalloonReading): number | null {
  return availableKib === undefined || usableKib === undefined ? null : Math.max(0, availableKib - usableKib);
}

/** @param column -1: no collector has this field */
function put(sample: (FieldValue | undefined)[], column: number, value: FieldValue): void {
  if (column >= 0) sample[column] = value;
}
