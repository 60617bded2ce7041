import { describe, expect, it } from 'vitest';
import { percentAxis, sizeAxis, ticksOf } from '../../../src/report/times.ts';

const GIB = 1024 * 1024;

describe('axes', () => {
  it.each([
    [24 * GIB, 4, [8, 16, 24]],
    [31.9 * GIB, 4, [8, 16, 24, 32]],
    [4 * GIB, 2, [2, 4]],
  ])('%d KiB is labelled in round steps', (most, about, gib) => {
    const { top, ticks } = sizeAxis(most, about);
    expect(ticks.map((kib) => kib / GIB)).toEqual(gib);
    expect(top).toBe(gib.at(-1)! * GIB);
  });

  it.each([0, 0.3, 7, 99, 100, 340, 1e9])('percent up to %d fit', (most) => {
    const { top, ticks } = percentAxis(most);
    expect(top).toBeGreaterThanOrEqual(most);
    expect(ticks.length).toBeLessThanOrEqual(4);
  });

  it('of time have round times, in any span', () => {
    for (const spanMs of [10_000, 600_000, 86_400_000, 30 * 86_400_000]) {
      const ticks = ticksOf(1_700_000_123_456, 1_700_000_123_456 + spanMs, 8);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(20);
      for (const { at } of ticks) expect(at >= 0 && at <= 100).toBe(true);
    }
  });
});
