import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/control/server/turns.ts';

const busy = (ms: number) => () => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('turns', () => {
  it('are taken one after the other, also after a failure', async () => {
    const turns = new Turns(10);
    const order: string[] = [];
    const task = (name: string) => async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (name === 'b') throw new Error('b fails');
      return name;
    };
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turns.run(task(name))));
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('are refused when too many wait, and not afterwards', async () => {
    const turns = new Turns(2);
    const waiting = [turns.run(() => 1), turns.run(() => 2)];
    await expect(turns.run(() => 3)).rejects.toMatchObject({ status: 503 });
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(await turns.run(() => 4)).toBe(4);
  });

  it('leave the thread to others for three times as long as they took', async () => {
    const turns = new Turns(10, 3);
    const began = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => turns.run(busy(10))));
    // The last one waits for the rests of those before.
    expect(performance.now() - began).toBeGreaterThanOrEqual(4 * 10 + 3 * 30 - 5);
  });
});
