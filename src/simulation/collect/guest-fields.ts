import type { FieldValue, Layout, Sample } from '../../model/field.ts';
import type { Guest } from '../guest/guest.ts';
import { PAGE_KIB } from '../constants.ts';
import type { Report } from '../guest/statistics.ts';
import { jobOf, rssOf, stateOf } from '../ports/hypervisor.ts';
import type { World } from '../world.ts';

/** What the guards think of a guest, by field. */
export type Verdicts = (uuid: string) => Readonly<Record<string, FieldValue | undefined>>;

interface Moment {
  readonly guest: Guest;
  readonly report: Report;
  readonly index: number;
  readonly world: World;
  /** Seconds since the epoch. */
  readonly nowS: number;
  /** What the guest's process had at its last sample. */
  readonly last: { readonly minor: number; readonly major: number };
  readonly verdicts: ReturnType<Verdicts>;
}

type Reader = (moment: Moment) => FieldValue;

function each(names: readonly string[], reader: (name: string) => Reader): Record<string, Reader> {
  return Object.fromEntries(names.map((name) => [name, reader(name)]));
}

const reported =
  (name: Exclude<keyof Report, 'other'>): Reader =>
  ({ report }) =>
    report[name] ?? null;

const NEWER = ['oom_kill', 'alloc_stall', 'async_scan', 'direct_scan', 'async_reclaim', 'direct_reclaim'];
const VERDICTS = ['balloon_stuck', 'memory_not_returned', 'figures_doubted', 'pain_age'];

/** The fields of a guest that change, with the values that its collectors would make of the same figures. */
const FIELDS: Readonly<Record<string, Reader>> = {
  balloon_cur: ({ guest }) => guest.memory.size * PAGE_KIB,
  mem_available: reported('availableKib'),
  mem_unused: reported('unusedKib'),
  usable: reported('usableKib'),
  disk_caches: reported('diskCachesKib'),
  swap_in: reported('swapInKib'),
  swap_out: reported('swapOutKib'),
  major_fault: reported('majorFaults'),
  minor_fault: reported('minorFaults'),
  balloon_rss: ({ guest }) => rssOf(guest),
  ...each(
    NEWER,
    (name) =>
      ({ report }) =>
        report.other[name] ?? null,
  ),
  last_update: ({ guest }) => guest.statistics.lastUpdateS,
  stats_age: ({ guest, nowS }) => nowS - guest.statistics.lastUpdateS,
  rss: ({ guest }) => guest.memory.resident + guest.overhead,
  host_minor_faults: ({ guest, last }) => guest.workload.hostMinorFaults - last.minor,
  host_major_faults: ({ guest, last }) => guest.workload.hostMajorFaults - last.major,
  uptime: ({ guest, world }) => world.nowS - guest.startedS,
  ksm_merging_pages: ({ guest }) => guest.memory.merged,
  ksm_process_profit: ({ world, index }) => world.ksm.profitOf(index),
  ksm_rmap_items: ({ world, index }) => world.ksm.items(index),
  state: ({ guest }) => stateOf(guest),
  stats_missing: ({ guest }) => guest.statistics.missing?.cause ?? null,
  job: ({ guest }) => jobOf(guest),
  ...each(
    VERDICTS,
    (name) =>
      ({ verdicts }) =>
        verdicts[name] ?? null,
  ),
};

/** Fills the samples of guests. */
export class GuestFields {
  readonly #world: World;
  readonly #now: () => number;
  readonly #verdicts: Verdicts;
  readonly #columns: readonly (readonly [number, Reader])[];
  readonly #last = new Map<Guest, Moment['last']>();

  constructor(world: World, layout: Layout, verdicts: Verdicts, now: () => number) {
    this.#world = world;
    this.#now = now;
    this.#verdicts = verdicts;
    this.#columns = Object.entries(FIELDS).flatMap(([name, read]) => {
      const at = layout.index.get(name);
      return at === undefined ? [] : [[at, read] as const];
    });
  }

  /** Notes the counters of a guest that has no sample at this time: the next one counts from here. */
  note(guest: Guest): Moment['last'] {
    const { hostMinorFaults: minor, hostMajorFaults: major } = guest.workload;
    const last = this.#last.get(guest) ?? { minor, major };
    this.#last.set(guest, { minor, major });
    return last;
  }

  /** @param template a sample of this guest, for the fields that do not change */
  sample(guest: Guest, index: number, template: Sample): Sample {
    const last = this.note(guest);
    const verdicts = this.#verdicts(guest.uuid);
    const moment = {
      guest,
      report: guest.statistics.last,
      index,
      world: this.#world,
      nowS: this.#now() / 1000,
      last,
      verdicts,
    };
    const sample = template.slice();
    for (const [at, read] of this.#columns) sample[at] = read(moment);
    return sample;
  }
}
