import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Curve, valueAt } from '../../../../src/simulation/import/curve.ts';

const steps = fc.array(
  fc.record({ afterS: fc.integer({ min: 1, max: 300 }), sizeKib: fc.integer({ min: 0, max: 4_000_000 }) }),
  { minLength: 1, maxLength: 300 },
);

function samplesOf(given: readonly { afterS: number; sizeKib: number }[]) {
  let atS = 0;
  return given.map(({ afterS, sizeKib }) => ({ atS: (atS += afterS), sizeKib }));
}

describe('a curve', () => {
  it.each([[10_000], [10]])('is never further from a sample than it says, with at most %i points', (mostPoints) => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 100_000 }), (given, tolerance) => {
        const curve = new Curve(tolerance, mostPoints);
        const samples = samplesOf(given);
        for (const { atS, sizeKib } of samples) curve.add(atS, sizeKib);
        const points = curve.points();
        expect(points.length).toBeLessThanOrEqual(mostPoints + 2);
        for (const [at, { atS, sizeKib }] of points.entries()) {
          expect(sizeKib).toBeGreaterThanOrEqual(0);
          if (at > 0) expect(atS).toBeGreaterThan(points[at - 1]!.atS);
        }
        const farthest = Math.max(...samples.map(({ atS, sizeKib }) => Math.abs(valueAt(points, atS) - sizeKib)));
        expect(farthest).toBeLessThanOrEqual(curve.errorKib);
      }),
    );
  });

  it('needs two points for a line, and ignores samples that are not later', () => {
    const curve = new Curve(10);
    for (let atS = 0; atS < 1000; atS++) curve.add(atS, 5 * atS);
    curve.add(999, 0);
    curve.add(3, 0);
    expect(curve.points()).toEqual([
      { atS: 0, sizeKib: 0 },
      { atS: 999, sizeKib: 4995 },
    ]);
  });

  it('has the nearest point outside of its points, and nothing without any', () => {
    expect(valueAt([], 5)).toBe(0);
    expect(
      [-1, 15, 30].map((atS) =>
        valueAt(
          [
            { atS: 10, sizeKib: 4 },
            { atS: 20, sizeKib: 8 },
          ],
          atS,
        ),
      ),
    ).toEqual([4, 6, 8]);
  });
});
