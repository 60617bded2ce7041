import { describe, expect, it } from 'vitest';
import { DueTimes, runLoop } from '../../../src/engine/loop.ts';

/** An environment in which only sleeping and the work itself take time. */
function environment(workMs: readonly number[], collectIntervalMs: number, policyIntervalMs: number) {
  let now = 1_000;
  const stop = new AbortController();
  const started: { at: number; policy: boolean }[] = [];
  let skipped = 0;
  const options = {
    collectIntervalMs,
    policyIntervalMs,
    clock: {
      monotonic: () => now,
      sleep: async (ms: number) => {
        now += Math.max(0, ms);
      },
    },
    interval: async (policyIsDue: boolean) => {
      started.push({ at: now - 1_000, policy: policyIsDue });
      now += workMs[started.length - 1]!;
      if (started.length === workMs.length) stop.abort();
    },
    onSkipped: (count: number) => {
      skipped += count;
    },
  };
  return { run: () => runLoop(options, stop.signal), started, skipped: () => skipped };
}

describe('runLoop', () => {
  it('keeps to the grid however long the work takes, as long as it fits', async () => {
    const { run, started, skipped } = environment([10, 4_000, 4_999, 0], 5_000, 10_000);
    await run();
    expect(started.map(({ at }) => at)).toEqual([0, 5_000, 10_000, 15_000]);
    expect(skipped()).toBe(0);
  });

  it('evaluates the policy with every second collection at the defaults', async () => {
    const { run, started } = environment([0, 0, 0, 0, 0], 5_000, 10_000);
    await run();
    expect(started.map(({ policy }) => policy)).toEqual([true, false, true, false, true]);
  });

  it('skips and counts missed intervals, and queues nothing', async () => {
    const { run, started, skipped } = environment([12_000, 0, 0], 5_000, 10_000);
    await run();
    expect(started.map(({ at }) => at)).toEqual([0, 15_000, 20_000]);
    expect(skipped()).toBe(2);
  });
});

describe('DueTimes', () => {
  it('is due first at once, then at the first moment at or after each multiple', () => {
    const due = new DueTimes(7);
    expect([0, 5, 10, 15, 20, 25].map((at) => due.isDue(at))).toEqual([true, false, true, true, false, true]);
  });

  it('starts over when the clock was set back', () => {
    const due = new DueTimes(10);
    expect([3_600_000, 3_600_005, 7, 12, 17].map((at) => due.isDue(at))).toEqual([true, false, true, false, true]);
  });

  it('does not catch up after a gap', () => {
    const due = new DueTimes(10);
    expect([0, 100, 101, 109, 110].map((at) => due.isDue(at))).toEqual([true, true, false, false, true]);
  });
});
