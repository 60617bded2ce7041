import { describe, expect, it } from 'vitest';
import { forEachConcurrent } from '../../../src/support/concurrent.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Work that finishes when the test decides; `open` has the items in progress. */
function manualWork() {
  const open = new Map<number, () => void>();
  const started: number[] = [];
  const work = (item: number): Promise<void> => {
    started.push(item);
    return new Promise((resolve) => {
      open.set(item, () => {
        open.delete(item);
        resolve();
      });
    });
  };
  return { open, started, work };
}

/** Lets all pending continuations run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('forEachConcurrent', () => {
  it.each([
    ['fewer items than the limit', 3, 10],
    ['as many as the limit', 4, 4],
    ['more', 50, 4],
    ['one at a time', 5, 1],
    ['none', 0, 4],
  ])('runs once for each item, in order, with its index: %s', async (_, count, limit) => {
    const done: [number, number][] = [];
    const items = numbers(count).map((item) => item * 10);
    await forEachConcurrent(items, { limit }, async (item, index) => done.push([item, index]));
    expect(done).toEqual(items.map((item, index) => [item, index]));
  });

  it('never exceeds the limit, and starts the next item as soon as one finishes', async () => {
    const { open, started, work } = manualWork();
    const all = forEachConcurrent(numbers(5), { limit: 2 }, work);
    await settle();
    expect(started).toEqual([0, 1]);
    open.get(1)!();
    await settle();
    expect([started, [...open.keys()]]).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
    while (open.size > 0) {
      for (const end of open.values()) end();
      await settle();
      expect(open.size).toBeLessThanOrEqual(2);
    }
    await all;
    expect(started).toEqual(numbers(5));
  });

  it('starts nothing after an abort, and waits for the items in progress', async () => {
    const stop = new AbortController();
    const { open, started, work } = manualWork();
    let isOver = false;
    const all = forEachConcurrent(numbers(5), { limit: 2, signal: stop.signal }, work).then(() => (isOver = true));
    await settle();
    stop.abort();
    open.get(0)!();
    await settle();
    expect([started, isOver]).toEqual([[0, 1], false]);
    open.get(1)!();
    await all;
    expect(started).toEqual([0, 1]);
  });

  it('starts nothing when it is already aborted', async () => {
    const { started, work } = manualWork();
    await forEachConcurrent(numbers(5), { limit: 2, signal: AbortSignal.abort() }, work);
    expect(started).toEqual([]);
  });

  it('yields to the event loop after the given number of items', async () => {
    const turnsAt = async (itemsPerTurn?: number) => {
      const seen: number[] = [];
      let done = 0;
      const tick = (): void => {
        seen.push(done);
        if (done < 10) setImmediate(tick);
      };
      setImmediate(tick);
      await forEachConcurrent(
        numbers(10),
        { limit: 1, ...(itemsPerTurn && { itemsPerTurn }) },
        async () => (done += 1),
      );
      return seen;
    };
    expect(await turnsAt()).toEqual([]);
    expect(await turnsAt(4)).toEqual([4, 8]);
  });

  it('throws the first error and still processes the other items', async () => {
    const done: number[] = [];
    const all = forEachConcurrent(numbers(6), { limit: 2 }, async (item) => {
      await settle();
      if (item === 0) throw new Error('no');
      done.push(item);
    });
    await expect(all).rejects.toThrow('no');
    while (done.length < 5) await settle();
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });
});
