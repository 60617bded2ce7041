import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate, pairedDifference } from '../../../src/comparison/estimate.ts';

describe('an estimate', () => {
  it('leaves out seeds without the figure', () => {
    expect(estimate([1, null, 5])).toEqual({ mean: 3, least: 1, most: 5, seeds: 2 });
    expect(estimate([null])).toBeNull();
  });
});

describe('a paired difference', () => {
  it('has the interval of the textbook', () => {
    // Student's sleep data (1908), the first drug against the second: 95 % interval 0.70 to 2.46.
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const found = pairedDifference(first, second)!;
    expect(found.mean).toBeCloseTo(1.58, 2);
    expect(found.interval![0]).toBeCloseTo(0.7, 2);
    expect(found.interval![1]).toBeCloseTo(2.46, 2);
  });

  it('has no interval for one pair, and does not exist without any', () => {
    expect(pairedDifference([1], [4])).toEqual({ mean: 3, interval: null });
    expect(pairedDifference([1, null], [null, 2])).toBeNull();
  });

  it('ignores what the seeds differ by', () => {
    const seeds = fc.array(fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 9 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(seeds, (pairs) => {
        const plain = pairedDifference(
          pairs.map(() => 0),
          pairs.map(([, gain]) => gain),
        );
        const shifted = pairedDifference(
          pairs.map(([level]) => level),
          pairs.map(([level, gain]) => level + gain),
        );
        expect(shifted).toEqual(plain);
      }),
    );
  });
});
