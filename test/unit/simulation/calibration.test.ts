import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { compare, COMPARED, kindOf } from '../../../scripts/calibration/figures.ts';
import { fitsOf, FIXTURES, line, median } from '../../../scripts/calibration/fit.ts';
import { errorsOf } from '../../../scripts/calibration/errors.ts';
import { readObserved } from '../../../scripts/calibration/observe.ts';
import { simulate } from '../../../scripts/calibration/simulate.ts';
import { calibrationFiles } from '../../../scripts/calibration/validate.ts';

const recordings = await readObserved(FIXTURES);
const heldOut = recordings.filter(({ plan }) => plan.set === 'held-out');

describe('the simulator, compared with recordings of a real host that it was not fitted to', () => {
  it('is compared in all experiments', () => {
    expect(heldOut.map(kindOf).toSorted()).toEqual(Object.keys(COMPARED).toSorted());
  });

  it.each(heldOut.map((observed) => [observed.plan.about, observed] as const))(
    'is near enough when %s',
    (_, observed) => {
      for (const { figure, percent, limit } of compare(observed, simulate(observed)))
        expect(percent, `mean error of: ${figure.title}, percent of the largest value`).toBeLessThanOrEqual(limit);
    },
  );

  it('is as near as its page says; `npx tsx scripts/calibration/validate.ts` writes the page', async () => {
    for (const [path, text] of await calibrationFiles()) expect(await readFile(path, 'utf8'), path).toBe(text);
  });
});

describe('errors', () => {
  it('are those of the seconds in which both are known', () => {
    expect(errorsOf([null, 10, 20, 40], [5, 12, null, 30])).toEqual({
      ...{ mean: 6, bias: -4, worst: -10, worstS: 3, largest: 40, seconds: 2 },
    });
    expect(errorsOf([null], [1])).toBeNull();
  });
});

describe('constants', () => {
  it('are measured, all of them, by the recordings of the other half', () => {
    for (const { constant, values } of fitsOf(recordings)) {
      expect(values.length, constant).toBeGreaterThan(0);
      expect(values.every(Number.isFinite), constant).toBe(true);
    }
  });

  it('have a middle and a line', () => {
    expect([median([]), median([3, 1, 2]), median([1, 2, 3, 4])]).toEqual([null, 2, 2.5]);
    expect(line([[1, 3], [2, 5], [3, 7]])).toEqual({ base: 1, slope: 2 }); // prettier-ignore
    expect(line([[1, 3], [1, 4]])).toBeNull(); // prettier-ignore
  });
});
