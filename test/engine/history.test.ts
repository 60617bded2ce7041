import { describe, expect, it } from 'vitest';
import { History } from '../../src/engine/history.ts';
import { guestSnapshot, LAYOUTS, snapshot, uuidOf } from '../support/builders.ts';

const PROPS = { name: 'host' };

function inputAfter(history: History, ...snapshots: ReturnType<typeof snapshot>[]) {
  for (const each of snapshots) history.add(each);
  return history.input(snapshots.at(-1)!, PROPS)!;
}

describe('History', () => {
  it('keeps the last samples, oldest first', () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(history, ...[1, 2, 3, 4].map((n) => snapshot(n, [guestSnapshot(1, [n, 9])], [n, n])));
    expect(input.host.samples).toEqual([[2, 2], [3, 3], [4, 4]]);
    expect(input.guests[0]!.samples).toEqual([[2, 9], [3, 9], [4, 9]]);
  });

  it('does not change an input that it gave out', () => {
    const history = new History(3, LAYOUTS);
    const first = inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9])]));
    inputAfter(history, snapshot(2, [guestSnapshot(1, [2, 9])]));
    expect(first.guests[0]!.samples).toEqual([[1, 9]]);
  });

  it('keeps what a guest that was missing has in the last snapshots, and nothing older', () => {
    const history = new History(3, LAYOUTS);
    const seen = (n: number) => snapshot(n, [guestSnapshot(1, [n, 9])]);
    expect(inputAfter(history, seen(1), snapshot(2), seen(3)).guests[0]!.samples).toEqual([[1, 9], [3, 9]]);
    expect(inputAfter(history, snapshot(4), seen(5)).guests[0]!.samples).toEqual([[3, 9], [5, 9]]);
    expect(inputAfter(history, snapshot(6), snapshot(7), seen(8)).guests[0]!.samples).toEqual([[8, 9]]);
  });

  it('keeps of the host what is in the last snapshots', () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(history, snapshot(1, [], [1, 1]), snapshot(2, [], [2, 2]), snapshot(3, [], null), snapshot(4, [], [4, 4]));
    expect(input.host.samples).toEqual([[2, 2], [4, 4]]);
  });

  it('forgets a guest that stays away', () => {
    const history = new History(2, LAYOUTS);
    inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9])]), snapshot(2));
    expect(history.knows(uuidOf(1))).toBe(true);
    inputAfter(history, snapshot(3));
    expect(history.knows(uuidOf(1))).toBe(false);
  });

  it('begins anew when a guest was started anew', () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9], 7)]), snapshot(2, [guestSnapshot(1, [2, 9], 8)]));
    expect(input.guests[0]!.samples).toEqual([[2, 9]]);
  });

  it('has nothing to show when the host has no sample', () => {
    const history = new History(3, LAYOUTS);
    const blind = snapshot(1, [], null);
    history.add(blind);
    expect(history.input(blind, PROPS)).toBeNull();
  });
});
