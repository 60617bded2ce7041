import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MomentColumn, RangeColumn, SumColumn } from '../../../src/analysis/columns.ts';
import { Grid } from '../../../src/analysis/grid.ts';

const samples = fc.array(
  fc.record({ t: fc.integer({ min: -100_000, max: 100_000 }), value: fc.integer({ min: -50, max: 50 }) }),
  { minLength: 1, maxLength: 60 },
);

describe('a grid', () => {
  it('keeps minima, maxima, sums and the lowest moment of each bucket, whatever the order of the times', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 3 }), (all, size, merge) => {
        const grid = new Grid(size, 7);
        const [range, sum] = [new RangeColumn(grid), new SumColumn(grid)];
        const moment = new MomentColumn<number>(grid);
        for (const { t, value } of all) {
          const at = grid.at(t);
          expect(grid.indexOf(t)).toBe(at);
          range.add(at, value);
          sum.add(at, value);
          moment.add(at, value, value);
        }
        const { fromMs, widthMs, count } = grid.buckets;
        expect(count).toBeLessThanOrEqual(size);
        expect(Math.log2(widthMs / 7) % 1).toBe(0);
        const valuesIn = (bucket: number, width: number) =>
          all.filter(({ t }) => Math.floor((t - fromMs) / width) === bucket).map(({ value }) => value);
        const { lows, highs } = range.range(grid, merge);
        const sums = sum.sums(grid, merge);
        const inBuckets = lows.map((_, at) => valuesIn(at, widthMs * merge));
        expect(inBuckets.flat()).toHaveLength(all.length);
        inBuckets.forEach((values, at) => {
          expect([lows[at], highs[at]]).toEqual(
            values.length === 0 ? [null, null] : [Math.min(...values), Math.max(...values)],
          );
          expect(sums[at]).toBe(values.reduce((one, other) => one + other, 0));
        });
        const moments = moment.moments(grid);
        for (let at = 0; at < count; at++) {
          const values = valuesIn(at, widthMs);
          expect(moments[at]).toBe(values.length === 0 ? null : Math.min(...values));
        }
      }),
    );
  });

  it('spans all times that a recording can have', () => {
    const grid = new Grid(10, 1);
    const column = new SumColumn(grid);
    for (const t of [0, 8.64e15, -8.64e15]) column.add(grid.at(t), 1);
    expect(column.sums(grid).reduce((one, other) => one + other)).toBe(3);
    expect(grid.buckets.count).toBeLessThanOrEqual(10);
  });
});
