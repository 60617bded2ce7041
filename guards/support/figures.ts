import type { Layout } from '../../src/model/field.ts';
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
  return {
    curKib,
    maxKib,
    minKib: minKib ?? 0,
    availableKib: number('mem_available'),
    unusedKib,
    usableKib: number('usable') ?? unusedKib,
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
