import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  best,
  dominates,
  haltonPoints,
  objectivesOf,
  recommended,
  rounds,
  verdictsOf,
  type Objectives,
  type Tried,
} from '../../../src/comparison/tuning.ts';
import { measured } from './measured.ts';

const objectives = (killed: number, stallShare: number, usedKib: number): Objectives => ({
  killed,
  stallShare,
  usedKib,
});

function tried(...bySeed: readonly Objectives[]): Tried {
  return { bySeed: new Map(bySeed.map((each, at) => [at + 1, each])) };
}

describe('what a choice is judged by', () => {
  it('is the mean over the scenarios', () => {
    const first = measured({ stallS: 10, guestOomKills: 2 }, { usedKib: 100 });
    const second = measured({ stallS: 30, hostOomKills: 2 }, { usedKib: 300 });
    expect(objectivesOf([first, second])).toEqual({ killed: 2, stallShare: 0.02, usedKib: 200 });
  });
});

describe('the better half', () => {
  it('is what nothing dominates, and keeps both ends', () => {
    const line = [0, 1, 2, 3, 4].map((at) => objectives(0, at, 4 - at));
    const beaten = objectives(0, 3, 3);
    expect(best([beaten, ...line], 5)).toEqual([1, 2, 3, 4, 5]);
    const [first, , third] = best([beaten, ...line], 3);
    expect([first, third]).toEqual([1, 5]);
  });

  it('never leaves out what dominates something that it has', () => {
    const any = fc.record({ killed: fc.nat(2), stallShare: fc.nat(9), usedKib: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 30 }), (all, wanted) => {
        const kept = best(all, wanted);
        expect(kept).toHaveLength(Math.min(wanted, all.length));
        for (const [at, other] of all.entries())
          if (!kept.includes(at)) expect(kept.every((position) => !dominates(other, all[position]!))).toBe(true);
      }),
    );
  });
});

describe('a recommendation', () => {
  const today = tried(objectives(1, 0.01, 100), objectives(0, 0.02, 120), objectives(1, 0.03, 140));
  const less = tried(objectives(1, 0.01, 90), objectives(0, 0.02, 109), objectives(1, 0.03, 131));
  const lessAndWaits = tried(objectives(1, 0.03, 80), objectives(0, 0.041, 99), objectives(1, 0.05, 121));
  const perhaps = tried(objectives(1, 0.01, 10), objectives(0, 0.02, 300), objectives(1, 0.03, 10));
  const kills = tried(objectives(1, 0.01, 80), objectives(2, 0.02, 99), objectives(1, 0.03, 121));

  it('is of what is better by more than chance, and worse in nothing', () => {
    expect(verdictsOf(today, lessAndWaits)).toEqual({ killed: null, stallShare: 'worse', usedKib: 'better' });
    expect(recommended(today, [perhaps, lessAndWaits, kills, less])).toBe(3);
  });

  it('is not made by chance, nor with one seed, nor where more is killed', () => {
    expect(recommended(today, [perhaps, lessAndWaits, kills])).toBeNull();
    expect(recommended(tried(objectives(0, 0, 9)), [tried(objectives(0, 0, 1))])).toBeNull();
  });
});

describe('the points of a space', () => {
  it('are the same each time, and fill each part of it', () => {
    const points = haltonPoints(64, 2);
    expect(haltonPoints(64, 2)).toEqual(points);
    const cells = new Set(points.map(([x, y]) => `${Math.floor(x! * 4)} ${Math.floor(y! * 4)}`));
    expect(cells.size).toBe(16);
    expect(points.flat().every((value) => value >= 0 && value < 1)).toBe(true);
  });
});

describe('the rounds', () => {
  it('halve the choices and double the seeds', () => {
    expect(rounds(16, 4)).toEqual([
      { choices: 16, seeds: 1 },
      { choices: 8, seeds: 2 },
    ]);
    expect(rounds(5, 4)).toEqual([{ choices: 5, seeds: 1 }]);
    expect(rounds(4, 4)).toEqual([]);
  });
});
