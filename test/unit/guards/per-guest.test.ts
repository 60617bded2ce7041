import { describe, expect, it } from 'vitest';
import {
  allMemories,
  eachGuest,
  forEachRecent,
  memoryOf,
  NO_MEMORIES,
  type PerGuest,
} from '../../../guards/support/per-guest.ts';
import { inputOf } from '../../support/planning.ts';

const SECOND_MS = 1000;

/** How often each guest was seen in this run, after snapshots of these guests: number and run. */
function after(
  snapshots: readonly { readonly atS: number; readonly guests: readonly (readonly [number, number])[] }[],
) {
  let all: PerGuest<number> = NO_MEMORIES;
  for (const { atS, guests } of snapshots) {
    const input = inputOf({}, guests.map(([number]) => ({ number, samples: [{ a: 1 }] }))); // prettier-ignore
    const views = input.guests.map((view, at) => ({ ...view, props: { id: guests[at]![1] } }));
    const seen = { input: { ...input, guests: views }, outcomes: [], steadyMs: atS * SECOND_MS };
    all = eachGuest(all, seen, (_, known) => (known ?? 0) + 1);
  }
  return all;
}

const counts = (all: PerGuest<number>) => [...allMemories(all)].map(([, count]) => count);

describe('what is remembered of each guest', () => {
  it('goes with the guest when others come, go and change places', () => {
    const all = after([
      { atS: 0, guests: [[1, 1], [2, 1], [3, 1]] }, // prettier-ignore
      { atS: 5, guests: [[1, 1], [2, 1], [3, 1]] }, // prettier-ignore
      { atS: 10, guests: [[4, 1], [3, 1], [1, 1]] }, // prettier-ignore
    ]);
    expect(counts(all)).toEqual([1, 3, 3, 2]);
  });

  it('begins anew with another run of the guest', () => {
    expect(counts(after([{ atS: 0, guests: [[1, 1], [2, 1]] }, { atS: 5, guests: [[1, 1], [2, 9]] }]))).toEqual([2, 1]); // prettier-ignore
  });

  it('is kept of absent guests for ten minutes, and found again by uuid', () => {
    const gone = after([{ atS: 0, guests: [[1, 1]] }, { atS: 600, guests: [] }]); // prettier-ignore
    const [[uuid]] = [...allMemories(gone)] as [[string, number]];
    expect(memoryOf(gone, uuid)).toBe(1);
    expect(counts(after([{ atS: 0, guests: [[1, 1]] }, { atS: 600, guests: [] }, { atS: 601, guests: [[1, 1]] }]))).toEqual([2]); // prettier-ignore
    expect(counts(after([{ atS: 0, guests: [[1, 1]] }, { atS: 600, guests: [] }, { atS: 601, guests: [] }]))).toEqual([]); // prettier-ignore
  });

  it('counts as recent by the time since the guest was seen', () => {
    const all = after([{ atS: 0, guests: [[1, 1], [2, 1]] }, { atS: 30, guests: [[2, 1]] }]); // prettier-ignore
    const recent: number[] = [];
    forEachRecent(all, 30 * SECOND_MS, 20 * SECOND_MS, (memory) => recent.push(memory));
    expect(recent).toEqual([2]);
  });
});
