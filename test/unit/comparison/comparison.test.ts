import { describe, expect, it } from 'vitest';
import { compare, savedShare, verdict, type Cell, type Run } from '../../../src/comparison/comparison.ts';
import { MEASURES } from '../../../src/comparison/measures.ts';
import { measured } from './measured.ts';

const scenarios = [{ name: 'day', story: 'A day.', durationS: 60, guests: 1, promised: 1 }];
const stall = MEASURES.find(({ key }) => key === 'stall')!;
const balloon = MEASURES.find(({ key }) => key === 'balloon')!;

function runs(policy: string, stalls: readonly number[], gains: readonly number[] = []): Run[] {
  return stalls.map((stallS, at) => ({
    ...{ scenario: 'day', policy, seed: at + 1 },
    measured: measured({ stallS }, { balloonGibH: gains[at] ?? 0 }),
  }));
}

function comparisonOf(...all: readonly Run[][]) {
  const policies = all.flatMap(([first]) => (first === undefined ? [] : [first.policy]));
  return compare({ scenarios, policies, seeds: [1, 2, 3], runs: all.flat() });
}

describe('a comparison', () => {
  it('has means, and differences from the first policy over the same seeds', () => {
    const { cells } = comparisonOf(runs('none', [100, 200, 300]), runs('new', [110, 210, 310]));
    expect(cells.map(({ policy, estimates }) => [policy, estimates['stall']?.mean])).toEqual([
      ['none', 200],
      ['new', 210],
    ]);
    expect(cells[0]!.differences).toBeNull();
    expect(cells[1]!.differences!['stall']).toEqual({ mean: 10, interval: [10, 10] });
    expect(cells[1]!.estimates['stall-share']!.mean).toBeCloseTo(0.21);
  });

  it('compares only seeds that both have, when it was stopped', () => {
    const { cells } = comparisonOf(runs('none', [100, 200, 300]), runs('new', [150]));
    expect(cells[1]).toMatchObject({ seeds: [1], differences: { stall: { mean: 50, interval: null } } });
  });

  it('leaves out a cell without a finished seed', () => {
    expect(compare({ scenarios, policies: ['none', 'new'], seeds: [1], runs: [] }).cells).toEqual([]);
  });

  it.each([
    ['less pain is better', stall, [-3, -1], 'better'],
    ['more pain is worse', stall, [1, 3], 'worse'],
    ['more gain is better', balloon, [1, 3], 'better'],
    ['an interval with zero in it says nothing', stall, [-1, 3], null],
    ['equal figures do not differ', stall, [0, 0], null],
  ] as const)('%s', (_, measure, interval, expected) => {
    expect(verdict(measure, { mean: (interval[0] + interval[1]) / 2, interval })).toBe(expected);
  });

  it('does not judge by one seed, nor what is neither good nor bad', () => {
    expect(verdict(stall, { mean: -5, interval: null })).toBeNull();
    const unfairness = MEASURES.find(({ key }) => key === 'unfairness')!;
    expect(verdict(unfairness, { mean: -5, interval: [-6, -4] })).toBeNull();
  });
});

describe('what a policy saves, of what could be saved', () => {
  const cell = (usedKib: number, neededKib: number): Cell => {
    const bound = { feasible: true, tightestS: 0, headroomKib: 0, shortageGibH: 0, peakKib: 0, tooSmall: [] };
    const own = { ...measured({}, { usedKib }), bound: { ...bound, meanKib: neededKib } };
    const run = { scenario: 'day', policy: 'none', seed: 1, measured: own };
    return compare({ scenarios, policies: ['none'], seeds: [1], runs: [run] }).cells[0]!;
  };

  it.each([
    ['half of it', 600, 200, 400, 0.5],
    ['nothing', 600, 200, 600, 0],
    ['more than nobody needs: somebody waits', 600, 200, 100, 1.25],
    ['nothing could be saved', 600, 600, 600, null],
  ])('%s', (_, before, needed, after, share) => {
    const found = savedShare(cell(before, needed), cell(after, needed));
    if (share === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(share);
  });
});
