import { describe, expect, it } from 'vitest';
import { History } from '../../../src/engine/history.ts';
import { guestSnapshot, LAYOUTS, snapshot, uuidOf } from '../../support/builders.ts';

const PROPS = { name: 'host' };

function inputAfter(history: History, ...snapshots: ReturnType<typeof snapshot>[]) {
  for (const each of snapshots) history.add(each);
  return history.input(snapshots.at(-1)!, PROPS)!;
}

describe('History', () => {
  it('keeps more samples than methods without a window use', () => {
    const history = new History(2, LAYOUTS, 3);
    const all = [1, 2, 3, 4].map((n) => snapshot(n, n === 3 ? [] : [guestSnapshot(1, [n, 9])], [n, n]));
    const input = inputAfter(history, ...all);
    expect(input.host).toMatchObject({ times: [2, 3, 4], recent: 2 });
    // One of the two recent snapshots is without the guest.
    expect(input.guests[0]).toMatchObject({ times: [2, 4], recent: 1 });
    history.keep(4);
    expect(inputAfter(history, snapshot(5, [], [5, 5])).host).toMatchObject({ times: [2, 3, 4, 5], recent: 2 });
  });

  it('keeps the last samples, oldest first', () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(history, ...[1, 2, 3, 4].map((n) => snapshot(n, [guestSnapshot(1, [n, 9])], [n, n])));
    expect(input.host.samples).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(input.guests[0]!.samples).toEqual([
      [2, 9],
      [3, 9],
      [4, 9],
    ]);
  });

  it('returns the time of each sample', () => {
    const history = new History(3, LAYOUTS);
    const both = (n: number) => snapshot(n, [guestSnapshot(1, [n, 9]), guestSnapshot(2, [n, 9])], [n, n]);
    const input = inputAfter(history, both(10), both(25), snapshot(20, [guestSnapshot(2, [20, 9])]), both(40));
    expect(input.host.times).toEqual([25, 20, 40]);
    expect(input.guests.map(({ times }) => times)).toEqual([
      [25, 40],
      [25, 20, 40],
    ]);
    const later = inputAfter(history, snapshot(50, [guestSnapshot(2, [50, 9]), guestSnapshot(3, [50, 9])]));
    expect(later.guests.map(({ times }) => times)).toEqual([[20, 40, 50], [50]]);
    expect(later.guests.map(({ samples }) => samples.map(([taken]) => taken))).toEqual([[20, 40, 50], [50]]);
  });

  it('shares one list of times among all with a sample in each snapshot', () => {
    const history = new History(3, LAYOUTS);
    const guests = (n: number) => [1, 2, 3].map((number) => guestSnapshot(number, [n, 9]));
    const input = inputAfter(history, snapshot(1, guests(1)), snapshot(2, guests(2)));
    for (const { times } of input.guests) expect(times).toBe(input.host.times);
  });

  it('does not change an input that it has returned', () => {
    const history = new History(3, LAYOUTS);
    const first = inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9])]));
    inputAfter(history, snapshot(2, [guestSnapshot(1, [2, 9])]));
    expect(first.guests[0]!.samples).toEqual([[1, 9]]);
  });

  it('keeps the samples of a guest with gaps from the last snapshots, and nothing older', () => {
    const history = new History(3, LAYOUTS);
    const seen = (n: number) => snapshot(n, [guestSnapshot(1, [n, 9])]);
    expect(inputAfter(history, seen(1), snapshot(2), seen(3)).guests[0]!.samples).toEqual([
      [1, 9],
      [3, 9],
    ]);
    expect(inputAfter(history, snapshot(4), seen(5)).guests[0]!.samples).toEqual([
      [3, 9],
      [5, 9],
    ]);
    expect(inputAfter(history, snapshot(6), snapshot(7), seen(8)).guests[0]!.samples).toEqual([[8, 9]]);
  });

  it("keeps the host's samples from the last snapshots", () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(
      history,
      snapshot(1, [], [1, 1]),
      snapshot(2, [], [2, 2]),
      snapshot(3, [], null),
      snapshot(4, [], [4, 4]),
    );
    expect(input.host.samples).toEqual([
      [2, 2],
      [4, 4],
    ]);
  });

  it('forgets a guest that stays away', () => {
    const history = new History(2, LAYOUTS);
    inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9])]), snapshot(2));
    expect(history.has(uuidOf(1))).toBe(true);
    inputAfter(history, snapshot(3));
    expect(history.has(uuidOf(1))).toBe(false);
  });

  it('starts over when a guest was restarted', () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(
      history,
      snapshot(1, [guestSnapshot(1, [1, 9], 7)]),
      snapshot(2, [guestSnapshot(1, [2, 9], 8)]),
    );
    expect(input.guests[0]!.samples).toEqual([[2, 9]]);
  });

  it('returns nothing when the host has no sample', () => {
    const history = new History(3, LAYOUTS);
    const blind = snapshot(1, [], null);
    history.add(blind);
    expect(history.input(blind, PROPS)).toBeNull();
  });
});
