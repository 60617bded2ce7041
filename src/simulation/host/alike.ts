import type { ScannedGuest } from './scanned-guest.ts';

/** Guests with equal pages that KSM may merge. */
export interface Alike {
  readonly image: string;
  readonly guests: readonly ScannedGuest[];
}

/** Guests of one image. @param nodeOf the NUMA node of a guest, by its index: of another one they are not alike; absent: they are */
export function groupAlike(
  all: readonly ScannedGuest[],
  nodeOf: (guest: number) => number = () => 0,
): readonly Alike[] {
  const groups = new Map<string, { image: string; guests: ScannedGuest[] }>();
  for (const scanned of all) {
    const { image } = scanned.guest.spec.sharing;
    const key = `${nodeOf(scanned.index)} ${image}`;
    const group = groups.get(key) ?? { image, guests: [] };
    group.guests.push(scanned);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Merged pages of all of them, and of the one that has most. */
export function mergedBy({ guests }: Alike): { readonly sum: number; readonly most: number } {
  let [sum, most] = [0, 0];
  for (const { guest } of guests) {
    const { merged } = guest.memory;
    sum += merged;
    if (merged > most) most = merged;
  }
  return { sum, most };
}

/**
 * What each guest saves of what they save together: its part of what they have merged, because each of them may have had a page first.
 * @param saved by the index of the guest, pages; it is filled in
 */
export function shareSavings(alike: Alike, saved: Float64Array): void {
  const { sum, most } = mergedBy(alike);
  // Shares of a running sum, so that the parts add up.
  let [running, before] = [0, 0];
  for (const { guest, index } of alike.guests) {
    running += guest.memory.merged;
    const upTo = running === sum ? sum - most : Math.floor((running * (sum - most)) / sum);
    saved[index] = upTo - before;
    before = upTo;
  }
}
