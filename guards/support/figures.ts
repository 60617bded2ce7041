import type { Layout, Sample } from '../../src/model/field.ts';
import { fieldOf, numberOf } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';

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
  /** Resident size of its QEMU process: what the guest has touched. */
  readonly rssKib: number | null;
  /** When the guest made its report, seconds since the epoch. */
  readonly reportS: number | null;
}

/** null when the guest's sizes are unknown or contradict each other: no guard can judge it by them. */
export function figuresOf({ samples }: GuestView, layout: Layout): Figures | null {
  const number = (name: string): number | null => numberOf(layout, samples, name);
  const [curKib, maxKib, minKib] = [number('balloon_cur'), number('balloon_max'), number('balloon_min')];
  if (curKib === null || maxKib === null || curKib < 0 || curKib > maxKib) return null;
  const unusedKib = number('mem_unused');
  const usableKib = number('usable') ?? unusedKib;
  const sizes = sizesAtReport(samples, layout, curKib);
  const used = (sizeKib: number): number | null => (usableKib === null ? null : Math.max(0, sizeKib - usableKib));
  return {
    curKib,
    maxKib,
    minKib: minKib ?? 0,
    availableKib: number('mem_available'),
    unusedKib,
    usableKib,
    usedKib: used(Math.max(...sizes)),
    leastUsedKib: used(Math.min(...sizes)),
    rssKib: number('balloon_rss'),
    reportS: number('last_update'),
  };
}

/** States in which a guest's balloon driver can respond. "blocked" in libvirt is a running guest that is waiting. */
const RUNNING: ReadonlySet<unknown> = new Set(['running', 'blocked', 'no state']);

/** Whether the guest's balloon may be asked to move: the guest runs, and nothing has switched its ballooning off. */
export function canBalloon({ samples }: GuestView, layout: Layout): boolean {
  const off = fieldOf(layout, samples, 'ballooning_off') ?? null;
  return off === null && (!layout.index.has('state') || isRunning(fieldOf(layout, samples, 'state')));
}

export function isRunning(state: unknown): boolean {
  return RUNNING.has(state);
}

/**
 * The largest size that the guest may have had when it made its last report, KiB: statistics older than the last
 * decisions do not reflect the memory that these took.
 */
export function sizeAtReport(samples: readonly Sample[], layout: Layout, cur: number): number {
  return sizesAtReport(samples, layout, cur).reduce((one, other) => Math.max(one, other));
}

/** The sizes that the guest may have had when it made its last report, KiB. */
function sizesAtReport(samples: readonly Sample[], layout: Layout, cur: number): readonly number[] {
  const report = numberOf(layout, samples, 'last_update');
  const sizes = [cur];
  for (let back = 1; back < samples.length; back++) {
    sizes.push(numberOf(layout, samples, 'balloon_cur', back) ?? cur);
    // The report was made after this sample, with a size between this one and the next.
    if (report === null || numberOf(layout, samples, 'last_update', back) !== report) break;
  }
  return sizes;
}
