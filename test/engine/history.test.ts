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

  it('keeps the samples of a guest that is missing for less snapshots than the history is long', () => {
    const history = new History(3, LAYOUTS);
    const input = inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9])]), snapshot(2), snapshot(3), snapshot(4, [guestSnapshot(1, [4, 9])]));
    expect(input.guests[0]!.samples).toEqual([[1, 9], [4, 9]]);
    expect(history.takeForgotten()).toEqual([]);
  });

  it('forgets a guest that stays away, and says so once', () => {
    const history = new History(2, LAYOUTS);
    inputAfter(history, snapshot(1, [guestSnapshot(1, [1, 9])]), snapshot(2), snapshot(3));
    expect(history.takeForgotten()).toEqual([uuidOf(1)]);
    expect(history.takeForgotten()).toEqual([]);
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
