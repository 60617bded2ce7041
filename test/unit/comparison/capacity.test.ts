import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenLimits, capacityOf, carried, nextGuests } from '../../../src/comparison/capacity.ts';
import { parseGate, type Gate } from '../../../src/comparison/gates.ts';
import { measured } from './measured.ts';

function limit(text: string): Gate {
  const parsed = parseGate(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

/** Asks until the result is known. */
function search(keeps: (guests: number) => boolean, start: number): Map<number, boolean> {
  const asked = new Map<number, boolean>();
  for (let next = nextGuests(asked, start); next !== null; next = nextGuests(asked, start)) {
    expect(asked.has(next)).toBe(false);
    asked.set(next, keeps(next));
  }
  return asked;
}

describe('the search for the largest load', () => {
  it('finds it from any start, with few questions', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 10_000 }), (most, start) => {
        const asked = search((guests) => guests <= most, start);
        expect(carried(asked)).toEqual({ guests: most, fails: most === 10_000 ? null : most + 1, keptAbove: [] });
        expect(asked.size).toBeLessThan(70);
      }),
    );
  });

  it('never says that a load is kept above one that is known to fail', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
        fc.integer({ min: 1, max: 60 }),
        (failing, start) => {
          const asked = search((guests) => guests <= 60 && !failing.includes(guests), start);
          const { guests, fails } = carried(asked);
          expect([...asked].every(([count, kept]) => kept || count > guests)).toBe(true);
          expect(fails).toBe(guests + 1);
          expect(guests === 0 || asked.get(guests)).toBe(true);
        },
      ),
    );
  });

  it('says so where more guests are less trouble', () => {
    const asked = search((guests) => guests <= 7 || guests === 9, 8);
    expect(carried(asked)).toEqual({ guests: 7, fails: 8, keptAbove: [9] });
  });

  it('carries nothing where not even one guest keeps the limits', () => {
    expect(carried(search(() => false, 40))).toEqual({ guests: 0, fails: 1, keptAbove: [] });
  });
});

describe('limits', () => {
  const limits = ['stall-share<=1%', 'oom<=0', 'below-min<=0s', 'ksm>=2'].map(limit);

  it('are broken by what is over them, the worst first', () => {
    const broken = brokenLimits(measured({ stallS: 20, guestOomKills: 1, hostOomKills: 2 }, { ksmGibH: 2 }), limits);
    expect(broken.map(({ limit: { text }, value }) => [text, value])).toEqual([
      ['oom<=0', 3],
      ['stall-share<=1%', 0.02],
    ]);
    expect(brokenLimits(measured({ stallS: 10 }), limits).map(({ limit: { text } }) => text)).toEqual(['ksm>=2']);
  });
});

describe('the capacity over seeds', () => {
  it('is what holds for all, with the share of days that this is known for', () => {
    const { least, median, most, mean, interval, coveredShare } = capacityOf([44, 42, 45, 44, 43]);
    expect({ least, median, most, mean }).toEqual({ least: 42, median: 44, most: 45, mean: 43.6 });
    expect(interval!.map((end) => Math.round(end * 10) / 10)).toEqual([42.2, 45]);
    expect(coveredShare).toBeCloseTo(0.549, 3);
    // The number of samples of the textbook: 59 for 95 % with 95 % confidence.
    expect(capacityOf(Array<number>(59).fill(1)).coveredShare).toBeGreaterThan(0.95);
    expect(capacityOf(Array<number>(58).fill(1)).coveredShare).toBeLessThan(0.95);
  });

  it('of one seed has no interval', () => {
    expect(capacityOf([5])).toMatchObject({ least: 5, mean: 5, interval: null });
  });
});
