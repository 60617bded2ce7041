import { RETURNS_NOTHING } from '../../src/model/ballooning.ts';
import type { Layout, Sample } from '../../src/model/field.ts';
import { columnsOf, fieldOf, numberAt } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';
import { oncePerInput } from './once-per-input.ts';

/** What guards look at in the current sample of a guest. Sizes are KiB; null: unknown or not collected. */
export interface Figures {
  readonly curKib: number;
  readonly maxKib: number;
  readonly minKib: number;
  /** MemTotal in the guest. */
  readonly availableKib: number | null;
  /** MemFree in the guest. */
  readonly unusedKib: number | null;
  /** What the guest could use at once: MemAvailable in the guest, or MemFree where it reports no better figure. */
  readonly usableKib: number | null;
  /** What it could not give up at once when it made its report; null when that is unknown. */
  readonly usedKib: number | null;
  /** The least that this may have been: a balloon that moves makes {@link usedKib} too large for a moment. */
  readonly leastUsedKib: number | null;
  /** Resident size of its QEMU process, less what the host has swapped out. */
  readonly rssKib: number | null;
  /** What the guest has touched of its memory, whether the host has it in memory or has swapped it out. All of it when that is unknown. */
  readonly touchedKib: number;
  /** When the guest made its report, seconds since the epoch. */
  readonly reportS: number | null;
}

/** The columns of the fields that {@link figuresOf} reads; -1: there is no such field. */
const columns = columnsOf([
  ...(['balloon_cur', 'balloon_max', 'balloon_min', 'mem_available', 'mem_unused'] as const),
  ...(['usable', 'balloon_rss', 'last_update'] as const),
]);

/** null when the guest's sizes are unknown or contradict each other: no guard can judge it by them. */
function figuresOf({ samples }: GuestView, layout: Layout): Figures | null {
  const at = columns(layout);
  const sample = samples.at(-1);
  if (sample === undefined) return null;
  const curKib = numberAt(sample, at.balloon_cur);
  const maxKib = numberAt(sample, at.balloon_max);
  if (curKib === null || maxKib === null || curKib < 0 || curKib > maxKib) return null;
  const unusedKib = numberAt(sample, at.mem_unused);
  const usableKib = numberAt(sample, at.usable) ?? unusedKib;
  const sizes = sizesAtReport(samples, layout, curKib);
  const rssKib = numberAt(sample, at.balloon_rss);
  return {
    curKib,
    maxKib,
    minKib: numberAt(sample, at.balloon_min) ?? 0,
    availableKib: numberAt(sample, at.mem_available),
    unusedKib,
    usableKib,
    usedKib: usableKib === null ? null : Math.max(0, sizes.most - usableKib),
    leastUsedKib: usableKib === null ? null : Math.max(0, sizes.least - usableKib),
    rssKib,
    // What a host swaps out is missing in the resident size, and the guest uses it all the same.
    touchedKib: Math.max(Math.min(curKib, rssKib ?? curKib), curKib - (unusedKib ?? curKib)),
    reportS: numberAt(sample, at.last_update),
  };
}

/** The figures of all guests of a snapshot, in its order; computed once, because nearly every guard looks at them. */
export const figuresIn = oncePerInput(({ guests, guestLayout }) =>
  guests.map((guest) => figuresOf(guest, guestLayout)),
);

/** States in which a guest's balloon driver can respond. "blocked" in libvirt is a running guest that is waiting. */
const RUNNING: ReadonlySet<unknown> = new Set(['running', 'blocked', 'no state']);

/** Whether the guest may be given memory: it runs, and its balloon, even one that returns nothing, may give back what it holds. */
export function canGrow(view: GuestView, layout: Layout): boolean {
  const off = ballooningOff(view, layout);
  return (off === null || RETURNS_NOTHING.has(off)) && responds(view, layout);
}

/** Whether the guest's balloon may be asked to move: the guest runs, and nothing has switched its ballooning off. */
export function canBalloon(view: GuestView, layout: Layout): boolean {
  return ballooningOff(view, layout) === null && responds(view, layout);
}

function ballooningOff({ samples }: GuestView, layout: Layout) {
  return fieldOf(layout, samples, 'ballooning_off') ?? null;
}

/** Where the state is not collected, guests count as running. */
function responds({ samples }: GuestView, layout: Layout): boolean {
  return !layout.index.has('state') || isRunning(fieldOf(layout, samples, 'state'));
}

export function isRunning(state: unknown): boolean {
  return RUNNING.has(state);
}

/**
 * The largest size that the guest may have had when it made its last report, KiB: statistics older than the last
 * decisions do not reflect the memory that these took.
 */
export function sizeAtReport(samples: readonly Sample[], layout: Layout, cur: number): number {
  return sizesAtReport(samples, layout, cur).most;
}

/** The least and the most that the guest may have had when it made its last report, KiB. */
function sizesAtReport(samples: readonly Sample[], layout: Layout, cur: number) {
  const at = columns(layout);
  const report = numberAt(samples.at(-1), at.last_update);
  let [least, most] = [cur, cur];
  for (let index = samples.length - 2; index >= 0; index--) {
    const sample = samples[index]!;
    const sizeKib = numberAt(sample, at.balloon_cur) ?? cur;
    if (sizeKib < least) least = sizeKib;
    if (sizeKib > most) most = sizeKib;
    // The report was made after this sample, with a size between this one and the next.
    if (report === null || numberAt(sample, at.last_update) !== report) break;
  }
  return { least, most };
}
