import type { Layout } from '../../src/model/field.ts';
import { columnsOf, numberAt, numberOf } from '../../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { figuresIn, type Figures } from '../support/figures.ts';
import { eachGuest, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';
import { sizeText } from '../support/rulings.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: every figure of a guest is believed.',
  },
  reports: {
    type: 'integer',
    default: 3,
    min: 1,
    max: 1000,
    doc: 'After this many reports in a row that cannot be true, the log names the guest. Its claims are limited from the first one on, but one alone may have been made while its balloon moved.',
  },
  tolerance: {
    type: 'ratio',
    default: '15%',
    doc: "How far a guest's figures may be from what the host sees, as a share of its size, besides a fixed 128 MiB: kernels keep some memory out of their total, and QEMU needs some of its own.",
  },
} as const;

/** The settings of the guard `belief`. */
export const BELIEF: SettingsGroup<typeof KEYS> = {
  key: 'belief',
  doc: 'Guests whose memory statistics cannot be true.',
  keys: KEYS,
};

/** What a kernel and QEMU may keep for themselves, KiB, besides a share of the guest's size. */
const SLACK_KIB = 131_072;

/** Less than this share of its size is nothing: a kernel keeps more for itself. */
const NOTHING = 0.001;

/** A guest that has moved this much since its figures last changed should have reported it: a share of its size, and KiB. */
const FROZEN_SHARE = 0.05;
const FROZEN_KIB = 65_536;

/** What is known about the truth of one guest's reports. */
export interface BeliefHistory {
  readonly reportS: number | null;
  /** Reports in a row that cannot be true, and why the last one cannot. */
  readonly doubtful: number;
  readonly why: string | null;
  /**
   * The figures that did not change, and the guest's size when they were reported for the second time; null: they were
   * reported once. The first report is made while the balloon still moves, and the size may be read before it or after it.
   */
  readonly figures: readonly (number | null)[];
  readonly figuresKib: number | null;
  /** The guest's size at its last report. */
  readonly sizeKib: number;
  /** Signs that a guest without free memory would show: swap, faults, stalls. */
  readonly effort: number;
}

export const beliefHistory = defineRecollection<PerGuest<BeliefHistory>, typeof KEYS>({
  name: 'belief',
  initial: NO_MEMORIES,
  settings: BELIEF,

  next(before, seen, { tolerance }) {
    const all = figuresIn(seen.input);
    return eachGuest(before, seen, (view, known, at) => {
      const figures = all[at] ?? null;
      return figures === null ? null : nextBelief(known, view, figures, seen.input, tolerance);
    });
  },
});

/** Why the guest's last report cannot be true; null: it can. */
export function doubt(history: BeliefHistory | null, { enabled }: { readonly enabled: boolean }): string | null {
  return enabled && history !== null && history.doubtful > 0 ? history.why : null;
}

function nextBelief(
  known: BeliefHistory | null,
  view: GuestView,
  figures: Figures,
  input: PolicyInput,
  tolerance: number,
): BeliefHistory {
  const { curKib, reportS } = figures;
  if (known !== null && known.reportS === reportS && reportS !== null) return known;
  const reported = reportedIn(view, input.guestLayout);
  const effort = effortOf(view, input.guestLayout);
  const figuresKib = known !== null && isSame(known.figures, reported) ? (known.figuresKib ?? curKib) : null;
  // A report made while the balloon moves, or just before, belongs to another size.
  const isSettled = known === null || known.sizeKib === curKib;
  const effortless = known === null || effort === known.effort;
  const why =
    frozen(figures, figuresKib) ??
    impossible(figures, tolerance) ??
    contradictory(figures, tolerance) ??
    (isSettled ? tooSmall(figures, tolerance) : null) ??
    (effortless ? exhausted(figures) : null) ??
    untouched(figures, view, input, tolerance);
  const doubtful = why === null ? 0 : (known?.doubtful ?? 0) + 1;
  return { reportS, figures: reported, figuresKib, sizeKib: curKib, effort, doubtful, why };
}

/** Figures that no guest can have, whatever its size. */
function impossible({ maxKib, availableKib, unusedKib }: Figures, tolerance: number): string | null {
  if (availableKib === null || unusedKib === null) return null;
  if (availableKib > 0 && unusedKib >= availableKib)
    return `it reports all of a total of ${sizeText(availableKib)} as unused`;
  // Where the balloon may deflate by itself, Linux counts it as used memory and the total stays at the maximum.
  if (availableKib <= maxKib * (1 + tolerance) + SLACK_KIB) return null;
  return `it reports a total of ${sizeText(availableKib)}, more than its maximum of ${sizeText(maxKib)}`;
}

/**
 * A kernel counts what is free as usable, except for the little that it keeps for itself (`si_mem_available`, mm/show_mem.c). How much
 * that is goes by the size with which it booted: a balloon does not lower its watermarks (`adjust_managed_page_count`, mm/page_alloc.c).
 */
function contradictory({ maxKib, unusedKib, usableKib }: Figures, tolerance: number): string | null {
  if (unusedKib === null || usableKib === null) return null;
  if (unusedKib - usableKib <= maxKib * tolerance + SLACK_KIB) return null;
  return `it reports ${sizeText(usableKib)} as usable, and ${sizeText(unusedKib)} as unused`;
}

function tooSmall({ curKib, availableKib }: Figures, tolerance: number): string | null {
  if (availableKib === null || availableKib >= curKib * (1 - 2 * tolerance) - 2 * SLACK_KIB) return null;
  return `it reports a total of ${sizeText(availableKib)} and has ${sizeText(curKib)}`;
}

/** A guest that has nothing left must work for each page: it swaps, drops caches or kills. */
function exhausted({ curKib, unusedKib, usableKib }: Figures): string | null {
  const leftKib = Math.max(unusedKib ?? Infinity, usableKib ?? Infinity);
  return leftKib < curKib * NOTHING ? 'it reports that nothing is left, yet it neither swaps, stalls nor faults' : null;
}

/** What it says that it uses must have been touched. A report about another size only makes this less strict. */
function untouched(
  { curKib, availableKib, unusedKib, rssKib }: Figures,
  view: GuestView,
  input: PolicyInput,
  tolerance: number,
): string | null {
  const givenKib = givenBy(view, input, rssKib);
  if (givenKib === null || availableKib === null || unusedKib === null) return null;
  const usedKib = Math.min(availableKib, curKib) - unusedKib;
  if (usedKib <= givenKib + curKib * tolerance + SLACK_KIB) return null;
  return `it reports ${sizeText(usedKib)} as used, of which the host has given it only ${sizeText(givenKib)}`;
}

function frozen({ curKib }: Figures, figuresKib: number | null): string | null {
  if (figuresKib === null) return null;
  const movedKib = Math.abs(curKib - figuresKib);
  if (movedKib < Math.max(FROZEN_KIB, FROZEN_SHARE * figuresKib)) return null;
  return `its figures stay the same while its size went from ${sizeText(figuresKib)} to ${sizeText(curKib)}`;
}

/** What the guest can have touched at most, KiB: resident, swapped out on the host, or merged away. null: unknown. */
function givenBy(
  { samples }: GuestView,
  { host, hostLayout, guestLayout }: PolicyInput,
  rssKib: number | null,
): number | null {
  if (rssKib === null) return null;
  const swappedKib = numberOf(hostLayout, host.samples, 'swap_usage') ?? 0;
  const pageKib = numberOf(hostLayout, host.samples, 'page_size') ?? 4;
  // Merged pages are resident, except for zero pages where KSM merges with the kernel's own.
  const mergedKib = (numberAt(samples.at(-1), columns(guestLayout).ksm_merging_pages) ?? 0) * pageKib;
  return rssKib + swappedKib + mergedKib;
}

/** The figures that must change when the size does. */
function reportedIn({ samples }: GuestView, layout: Layout): readonly (number | null)[] {
  const sample = samples.at(-1);
  const at = columns(layout);
  return [
    numberAt(sample, at.mem_available),
    numberAt(sample, at.mem_unused),
    numberAt(sample, at.usable),
    numberAt(sample, at.disk_caches),
  ];
}

function isSame(before: readonly (number | null)[], now: readonly (number | null)[]): boolean {
  return before.every((figure, at) => figure === now[at]);
}

function effortOf({ samples }: GuestView, layout: Layout): number {
  const sample = samples.at(-1);
  const at = columns(layout);
  return (
    (numberAt(sample, at.swap_in) ?? 0) +
    (numberAt(sample, at.swap_out) ?? 0) +
    (numberAt(sample, at.major_fault) ?? 0) +
    (numberAt(sample, at.alloc_stall) ?? 0) +
    (numberAt(sample, at.direct_scan) ?? 0) +
    (numberAt(sample, at.oom_kill) ?? 0)
  );
}

const columns = columnsOf([
  ...(['mem_available', 'mem_unused', 'usable', 'disk_caches', 'ksm_merging_pages'] as const),
  ...(['swap_in', 'swap_out', 'major_fault', 'alloc_stall', 'direct_scan', 'oom_kill'] as const),
]);
