import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOf, type BoundMoment } from '../../../../src/simulation/bound/bound.ts';
import { Oracle } from '../../../../src/simulation/bound/oracle.ts';
import { GUEST, PAGE_KIB } from '../../../../src/simulation/constants.ts';
import { kernelPagesOf } from '../../../../src/simulation/guest/kernel.ts';
import { Demand } from '../../../../src/simulation/guest/demand.ts';
import { Random } from '../../../../src/simulation/random.ts';
import type { GuestSpec, Scenario } from '../../../../src/simulation/scenario/model.ts';
import { World } from '../../../../src/simulation/world.ts';
import { demandSpec, GIB, guestSpec, hostSpec, ksmSpec, MIB, scenario } from '../specs.ts';

const SECONDS = 240;

/** What a guest of 1 GiB has besides its programs. */
const KERNEL_KIB = kernelPagesOf(GIB / PAGE_KIB) * PAGE_KIB;
const QEMU_KIB = GUEST.qemu * PAGE_KIB;
const QEMU_SHARED_KIB = GUEST.qemuShared * PAGE_KIB;

const mib = (least: number, most: number) => fc.integer({ min: least, max: most }).map((size) => size * MIB);
const ratio = fc.double({ min: 0, max: 1, noNaN: true });

const guest: fc.Arbitrary<GuestSpec> = fc.record({
  name: fc.constant('guest'),
  memoryKib: mib(1024, 3072),
  minKib: fc.constant(null),
  swapKib: fc.oneof(fc.constant(0), mib(1, 500)),
  demand: fc.record({
    baseKib: mib(0, 700),
    spread: fc.double({ min: 0, max: 0.3, noNaN: true }),
    day: fc.constant(null),
    points: fc.oneof(
      fc.constant([]),
      fc
        .tuple(mib(0, 400), mib(0, 400), mib(0, 400))
        .map((sizes) => sizes.map((sizeKib, at) => ({ atS: 30 + 50 * at, sizeKib }))),
    ),
    repeatS: fc.constantFrom(0, 100),
    bursts: fc.option(
      fc.record({
        everyS: fc.integer({ min: 10, max: 90 }),
        sizeKib: mib(1, 200),
        rateKib: mib(1, 300),
        lastsS: fc.integer({ min: 1, max: 30 }),
      }),
      { nil: null },
    ),
    leakKib: fc.oneof(fc.constant(0), mib(0, 2000)),
  }),
  idle: ratio,
  files: fc
    .tuple(mib(0, 600), mib(0, 200), fc.oneof(fc.constant(0), mib(1, 60)))
    .map(([sizeKib, hotKib, readsKib]) => ({ sizeKib, hotKib, readsKib })),
  balloon: fc.record({
    moves: fc.constantFrom('follows', 'follows', 'follows', 'stuck', 'hollow', 'none'),
    rateKib: fc.oneof(fc.constant(0), mib(1, 50)),
    limitKib: fc.oneof(fc.constant(0), mib(1, 500)),
    lateS: fc.constantFrom(0, 0, 5),
  }),
  freePageReporting: fc.boolean(),
  node: fc.constant(null),
  statistics: fc.constant(guestSpec().statistics),
  sharing: fc.record({ image: fc.constantFrom('', 'debian', 'windows'), share: ratio, writes: ratio }),
  running: fc.option(fc.record({ sizeKib: mib(300, 3072), cacheKib: mib(0, 500), residentKib: mib(100, 3072) }), {
    nil: null,
  }),
  life: fc.record({
    startS: fc.integer({ min: 0, max: 30 }),
    stopS: fc.constantFrom(0, 0, 130),
    rebootsS: fc.array(fc.integer({ min: 31, max: 200 }), { maxLength: 1 }),
    migrateS: fc.constantFrom(0, 0, 180),
    migrationS: fc.constant(20),
  }),
});

const world: fc.Arbitrary<Scenario> = fc
  .record({
    guests: fc.array(guest, { minLength: 1, maxLength: 5 }),
    memory: mib(1500, 9000),
    swap: fc.constantFrom(0, 2 * GIB),
    arc: mib(0, 500),
    ksm: fc.boolean(),
  })
  .map(({ guests, memory, swap, arc, ksm }) =>
    scenario(
      guests.map((each, at) => ({ ...each, name: `guest-${at}` })),
      {
        durationS: SECONDS - 1,
        host: hostSpec({
          ...{
            memoryKib: memory,
            swapKib: swap,
            filesKib: 500 * MIB,
            arc: { minKib: Math.floor(arc / 4), maxKib: arc },
          },
          other: demandSpec({
            baseKib: 100 * MIB,
            bursts: { everyS: 30, sizeKib: 90 * MIB, rateKib: 90 * MIB, lastsS: 5 },
          }),
          ksm: ksmSpec({ run: ksm, pagesToScan: 1_000_000, sleepMs: 1 }),
        }),
      },
    ),
  );

const points = (...sizes: readonly number[]) => sizes.map((size, at) => ({ atS: 100 * at, sizeKib: size * MIB }));

type Steer = (simulated: World) => void;

/** What a policy could do, from nothing to what is as near to the bound as can be. */
const steering: fc.Arbitrary<(of: Scenario) => Steer> = fc.oneof(
  fc.constant(() => () => undefined),
  fc
    .record({ intervalS: fc.integer({ min: 1, max: 10 }), squeezed: fc.integer({ min: 0, max: 40 }) })
    .map(({ intervalS, squeezed }) => (of: Scenario): Steer => {
      const oracle = new Oracle(of, 1, intervalS);
      return (simulated) => {
        if (simulated.nowS % intervalS === 0) oracle.steer(simulated);
        // Smaller still, for a while: what is swapped and dropped so costs nobody anything, or somebody waits.
        for (const { memory, balloon, life } of simulated.guests)
          if (life.state === 'running' && simulated.nowS % 50 < squeezed)
            balloon.setTarget(memory.size - 2000, simulated.nowS);
      };
    }),
  fc
    .array(
      fc.record({
        ...{ atS: fc.nat(SECONDS), guest: fc.nat(4), target: fc.integer({ min: 100_000, max: 600_000 }) },
        run: fc.constantFrom(0, 1, 2),
      }),
      { maxLength: 6 },
    )
    .map((moves) => () => (simulated: World) => {
      for (const { guest: at, target, run } of moves.filter(({ atS }) => atS === simulated.nowS)) {
        simulated.guests[at % simulated.guests.length]!.balloon.setTarget(target, simulated.nowS);
        simulated.ksm.run = run;
      }
    }),
);

/** @returns what the guests used in each second, pages; null: somebody waited */
function simulate(of: Scenario, steer: Steer): number[] | null {
  const simulated = new World(of, 1);
  const { host } = simulated;
  const other = new Demand(of.host.other, new Random('1').split('other'));
  const used: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    steer(simulated);
    simulated.step();
    const isShort = host.other < other.at(second, second) || host.counters.oomKills > 0;
    if (isShort || simulated.guests.some(({ workload }) => workload.stallS > 0)) return null;
    used.push(host.guestResident - host.saved);
  }
  return used;
}

describe('the bound', () => {
  it('is below what any policy uses that makes nobody wait, in every second, and no such policy carries what it calls infeasible', () => {
    let [calm, near] = [0, Infinity];
    fc.assert(
      fc.property(world, steering, (of, steer) => {
        const used = simulate(of, steer(of));
        if (used === null) return;
        const moments: BoundMoment[] = [];
        const { feasible } = boundOf(of, 1, (moment) => void moments.push(moment));
        calm += 1;
        for (const { nowS, used: least, room } of moments) {
          expect(used[nowS], `second ${nowS}`).toBeGreaterThanOrEqual(least);
          expect(room, `second ${nowS}`).toBeGreaterThanOrEqual(least);
          if (least > 0) near = Math.min(near, used[nowS]! / least);
        }
        expect(feasible).toBe(true);
      }),
      { numRuns: 600, seed: 5 },
    );
    // Neither is the test empty, nor the bound far from what is possible.
    expect(calm).toBeGreaterThan(100);
    expect(near).toBeLessThan(1.01);
  });

  it('is what an oracle reaches, but for what it ignores', () => {
    const demand = demandSpec({ baseKib: 600 * MIB, points: points(0, 300, 0), repeatS: 200 });
    const files = { sizeKib: 2 * GIB, hotKib: 100 * MIB, readsKib: 20 * MIB };
    const guests = ['a', 'b', 'c'].map((name) => guestSpec({ name, memoryKib: 2 * GIB, demand, files, idle: 0 }));
    const of = scenario(guests, { durationS: SECONDS - 1 });
    const oracle = new Oracle(of, 1, 5);
    const used = simulate(of, (simulated) => {
      if (simulated.nowS % 5 === 0) oracle.steer(simulated);
    })!;
    const mean = (used.reduce((sum, pages) => sum + pages, 0) / used.length) * PAGE_KIB;
    const { meanKib, feasible, tightestS } = boundOf(of, 1);
    expect(feasible).toBe(true);
    expect(tightestS).toBe(100);
    expect(mean / meanKib).toBeGreaterThan(1);
    expect(mean / meanKib).toBeLessThan(1.2);
  });

  it('says when and by how much a host is too small, and how much KSM could save of that', () => {
    const clones = (image: string) =>
      ['a', 'b', 'c', 'd'].map((name) =>
        guestSpec({
          name,
          demand: demandSpec({ points: points(0, 200, 0) }),
          sharing: { image, share: 0.5, writes: 0 },
        }),
      );
    const host = hostSpec({ memoryKib: 2 * GIB, reserveKib: 0 });
    const apart = boundOf(scenario(clones(''), { durationS: 200, host }), 1);
    const alike = boundOf(scenario(clones('clone'), { durationS: 200, host }), 1);
    const own = KERNEL_KIB + 456 * MIB + QEMU_KIB;
    const four = 4 * own - 3 * QEMU_SHARED_KIB;
    expect(apart).toMatchObject({ feasible: false, tightestS: 100, peakKib: four });
    // The host keeps 0.2 % of its 2 GiB.
    expect(apart.headroomKib).toBeCloseTo(2044 * MIB - four, -4);
    expect(apart.shortageGibH).toBeGreaterThan(0);
    expect(alike).toMatchObject({ feasible: true, shortageGibH: 0 });
    expect(alike.peakKib).toBeCloseTo(four - (3 * (KERNEL_KIB + 456 * MIB)) / 2, -2);
  });

  it('names guests that are too small for their own demand, which says nothing about the host', () => {
    const leaks = guestSpec({ name: 'leaks', demand: demandSpec({ leakKib: 20 * GIB }) });
    const { feasible, tooSmall, peakKib } = boundOf(scenario([guestSpec(), leaks], { durationS: 600 }), 1);
    expect({ feasible, tooSmall }).toEqual({ feasible: true, tooSmall: ['leaks'] });
    expect(peakKib).toBeLessThan(2 * GIB);
  });

  it('does not let a balloon return memory faster than it can', () => {
    const falls = [0, 59, 60].map((atS) => ({ atS, sizeKib: atS < 60 ? 800 * MIB : 0 }));
    const demand = demandSpec({ baseKib: 0, points: falls });
    const at = (rateKib: number, moves: 'follows' | 'stuck'): number => {
      const balloon = { ...guestSpec().balloon, rateKib, moves };
      let least = 0;
      boundOf(scenario([guestSpec({ demand, balloon })], { durationS: 70 }), 1, ({ nowS, used }) => {
        if (nowS === 69) least = used;
      });
      return Math.round((least * PAGE_KIB) / MIB);
    };
    const kernelAndQemu = Math.round((KERNEL_KIB + QEMU_KIB) / MIB);
    expect(at(0, 'follows')).toBe(kernelAndQemu);
    expect(at(20 * MIB, 'follows')).toBeGreaterThan(kernelAndQemu + 550);
    expect(at(0, 'stuck')).toBe(kernelAndQemu + 800);
  });
});
