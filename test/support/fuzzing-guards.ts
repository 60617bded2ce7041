import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { deepStrictEqual, ok } from 'node:assert/strict';
import type { Target } from './fuzzing.ts';
import { GIB, hostileWorlds, violationsIn } from './hostile-worlds.ts';
import { movesIn, SmallWorld, type SmallGuest } from './small-world.ts';

/** Intervals of one hostile world. */
export const INTERVALS = 20;

const POLICY = readFileSync(new URL('../../policies/mom-balloon.policy', import.meta.url), 'utf8');

/** Guests that tell the truth and change nothing. */
const steadyGuest = fc.record({
  maxKib: fc.integer({ min: GIB / 2, max: 16 * GIB }),
  used: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  size: fc.double({ min: 0.3, max: 1, noNaN: true }),
  fillsKibPerS: fc.constantFrom(0, 10_240, 204_800),
});

const steadyWorld = fc.record({
  freeShare: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
  guests: fc.array(steadyGuest, { minLength: 2, maxLength: 6 }),
});

function steady(
  { freeShare, guests }: typeof steadyWorld extends fc.Arbitrary<infer T> ? T : never,
  liar?: SmallGuest['lies'],
): SmallWorld {
  const all = guests.map(({ maxKib, used, size, fillsKibPerS }, at) => {
    const sizeKib = Math.round(maxKib * size);
    const usedKib = Math.round(sizeKib * used);
    // A liar has touched what it uses, and no more.
    const lying =
      liar !== undefined && at === 0 ? { lies: liar, touchedKib: usedKib, fillsKibPerS: 0 } : { fillsKibPerS };
    return { name: `g${at}`, maxKib, sizeKib, usedKib, ...lying };
  });
  const touchedKib = all.reduce((sum, { sizeKib }) => sum + sizeKib + 65_536, 0);
  return new SmallWorld({ totalKib: Math.round(touchedKib / (1 - freeShare)), guests: all, policy: POLICY });
}

export const GUARD_TARGETS: Readonly<Record<'guards' | 'rest' | 'liars', Target>> = {
  guards: {
    about:
      'no guest goes below its floor, above its maximum or past a step, and the host hands out no more than it has',
    share: 5,
    property: (watch) =>
      fc.property(hostileWorlds(INTERVALS), (world) => {
        watch(JSON.stringify(world));
        deepStrictEqual(violationsIn(world), []);
      }),
  },
  rest: {
    about: 'no balloon moves in the last 50 of 200 intervals at constant load',
    share: 0.1,
    property: (watch) =>
      fc.property(steadyWorld, (given) => {
        watch(JSON.stringify(given));
        const world = steady(given);
        world.run(150);
        deepStrictEqual(movesIn(world.run(50)).map(({ message, reason, guard }) => `${message}: ${guard} ${reason}`), []); // prettier-ignore
      }),
  },
  liars: {
    about: 'a guest that claims to lack everything gets its fair share, and no honest guest swaps because of it',
    share: 0.3,
    property: (watch) =>
      fc.property(steadyWorld, (given) => {
        watch(JSON.stringify(given));
        const world = steady(given, { mem_unused: 0, usable: 0 });
        const [liar, ...honest] = world.guests;
        const beforeKib = liar!.sizeKib;
        const maximaKib = world.guests.reduce((sum, { maxKib }) => sum + maxKib, 0);
        const fairKib = liar!.maxKib * Math.min(1, world.totalKib / maximaKib);
        world.run(60);
        ok(
          liar!.sizeKib <= Math.max(beforeKib, fairKib) + 1,
          `the liar has ${liar!.sizeKib}, its fair share is ${fairKib}`,
        );
        deepStrictEqual(honest.filter(({ swapInKib }) => swapInKib > 0).map(({ name }) => name), []); // prettier-ignore
      }),
  },
};
