import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_MIB, planDemand, type PlanRequest } from '../../real-host/density/plan.ts';
import { Progress } from '../../real-host/density/progress.ts';
import { estimate, inTurn } from '../../real-host/density/schedule.ts';

const REQUEST = { seed: 1, guests: 4, guestMib: 768, seconds: 120 };

const requests = fc.record({
  seed: fc.nat(),
  guests: fc.integer({ min: 1, max: 8 }),
  guestMib: fc.integer({ min: 256, max: 65_536 }),
  seconds: fc.integer({ min: 10, max: 1000 }),
}) satisfies fc.Arbitrary<PlanRequest>;

describe('the plan of demand', () => {
  it('depends on the seed, and on nothing else', () => {
    expect(planDemand(REQUEST)).toEqual(planDemand(REQUEST));
    expect(planDemand({ ...REQUEST, seed: 2 })).not.toEqual(planDemand(REQUEST));
  });

  it('differs between guests, and further guests change nothing for the others', () => {
    const plans = planDemand(REQUEST);
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(REQUEST.guests);
    expect(planDemand({ ...REQUEST, guests: 7 }).slice(0, 4)).toEqual(plans);
  });

  it('has quiet and busy phases, and some that take memory by and by', () => {
    const heaps = planDemand({ ...REQUEST, guests: 16 }).flatMap(({ steps }) => steps.map(({ heapMib }) => heapMib));
    const isQuiet = (mib: number): boolean => mib < 48;
    expect(heaps.filter(isQuiet).length).toBeGreaterThan(100);
    expect(heaps.filter((mib) => mib > 150).length).toBeGreaterThan(100);
    const climbs = heaps.filter((mib, index) => {
      const before = heaps[index - 1] ?? 0;
      return mib > before && mib < before + 56 && before > 48;
    });
    expect(climbs.length).toBeGreaterThan(20);
  });

  it('fits into each guest, in whole chunks, and lasts as long as asked', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const plans = planDemand(request);
        expect(plans).toHaveLength(request.guests);
        for (const { workingSetMib, steps } of plans) {
          const most = 0.75 * request.guestMib + 2 * CHUNK_MIB - workingSetMib;
          const isWrong = (heapMib: number): boolean => heapMib % CHUNK_MIB !== 0 || heapMib < 0 || heapMib > most;
          expect(workingSetMib % CHUNK_MIB).toBe(0);
          expect(steps.filter(({ heapMib }) => isWrong(heapMib))).toEqual([]);
          expect(steps.filter(({ atS }, index) => index > 0 && atS <= steps[index - 1]!.atS)).toEqual([]);
          expect(steps[0]?.atS).toBe(0);
          expect(steps.at(-1)!.atS).toBeGreaterThanOrEqual(request.seconds - 5);
          expect(steps.at(-1)!.atS).toBeLessThan(request.seconds);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the order of runs', () => {
  it('has every number of guests with every policy once, with another policy first each time', () => {
    const turns = inTurn([5, 6], ['none', 'a'], 0);
    expect(turns.map(({ guests, policy }) => `${guests} ${policy}`)).toEqual(['5 none', '5 a', '6 a', '6 none']);
    expect(inTurn([5], ['none', 'a'], 1).map(({ policy }) => policy)).toEqual(['a', 'none']);
  });

  it('is estimated with the runs on a roomy host and what is around each run', () => {
    const options = { guests: [5, 6], policies: ['none', 'a'], rounds: 2, seconds: 60 };
    expect(estimate(options)).toEqual({ runs: 12, minutes: 20 });
  });

  it('says what has finished and how long the rest takes', () => {
    const said: string[] = [];
    let nowMs = 0;
    const progress = new Progress(
      4,
      (line) => said.push(line),
      () => nowMs,
    );
    nowMs = 120_000;
    progress.done('first');
    nowMs = 180_000;
    progress.done('second');
    expect(said).toEqual(['1 of 4 runs, 6 min left: first', '2 of 4 runs, 3 min left: second']);
  });
});
