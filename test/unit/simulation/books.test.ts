import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeKnob } from '../../../src/simulation/ports/ksm-files.ts';
import { World } from '../../../src/simulation/world.ts';
import type { GuestSpec, Scenario } from '../../../src/simulation/scenario/model.ts';
import { demandSpec, guestSpec, hostSpec, ksmSpec, MIB, scenario } from './specs.ts';

const mib = (most: number) => fc.integer({ min: 0, max: most }).map((size) => size * MIB);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const demand = fc.record({
  baseKib: mib(1500),
  spread: fc.double({ min: 0, max: 1, noNaN: true }),
  day: fc.constant(null),
  points: fc.constant([]),
  repeatS: fc.constant(0),
  bursts: optional(
    fc.record({
      everyS: fc.integer({ min: 5, max: 60 }),
      sizeKib: mib(1000).map((kib) => kib + MIB),
      rateKib: mib(500).map((kib) => kib + MIB),
      lastsS: fc.integer({ min: 1, max: 30 }),
    }),
  ),
  leakKib: mib(100_000),
});

const files = fc
  .tuple(mib(1000), mib(1000), mib(200))
  .map(([sizeKib, hotKib, readsKib]) => ({ sizeKib, hotKib, readsKib }));

const guest: fc.Arbitrary<GuestSpec> = fc.record({
  name: fc.constant('guest'),
  memoryKib: fc.integer({ min: 64, max: 2048 }).map((size) => size * MIB),
  minKib: fc.constant(null),
  swapKib: mib(500),
  demand,
  idle: fc.double({ min: 0, max: 1, noNaN: true }),
  files,
  balloon: fc.record({
    moves: fc.constantFrom('follows', 'stuck', 'hollow', 'none'),
    rateKib: mib(50),
    limitKib: mib(500),
    lateS: fc.integer({ min: 0, max: 20 }),
  }),
  freePageReporting: fc.boolean(),
  node: optional(fc.nat(3)),
  statistics: fc.record({
    kind: fc.constantFrom('linux', 'windows', 'none', 'frozen', 'greedy'),
    periodS: fc.integer({ min: 1, max: 10 }),
    lateS: fc.integer({ min: 0, max: 20 }),
    untilS: fc.constantFrom(0, 60),
  }),
  sharing: fc.record({
    image: fc.constantFrom('', 'debian', 'windows'),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    writes: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  life: fc.record({
    startS: fc.integer({ min: 0, max: 30 }),
    stopS: fc.constantFrom(0, 100),
    rebootsS: fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 2 }),
    migrateS: fc.constantFrom(0, 80),
    migrationS: fc.constant(20),
  }),
  running: optional(fc.record({ sizeKib: mib(1000), cacheKib: mib(1000), residentKib: mib(1500) })),
});

const world: fc.Arbitrary<Scenario> = fc
  .record({
    guests: fc.array(guest, { minLength: 1, maxLength: 6 }),
    memory: mib(6000),
    swap: mib(2000),
    arc: mib(1000),
    nodes: optional(fc.integer({ min: 1, max: 4 })),
    mergeAcrossNodes: fc.boolean(),
  })
  .map(({ guests, memory, swap, arc, nodes, mergeAcrossNodes }) =>
    scenario(
      guests.map((each, at) => ({
        ...each,
        name: `guest-${at}`,
        node: each.node === null ? null : each.node % (nodes ?? 1),
      })),
      {
        host: hostSpec({
          memoryKib: memory + 1024 * MIB,
          swapKib: swap,
          filesKib: 500 * MIB,
          arc: { minKib: Math.floor(arc / 4), maxKib: arc },
          other: demandSpec({
            baseKib: 100 * MIB,
            bursts: { everyS: 30, sizeKib: 300 * MIB, rateKib: 100 * MIB, lastsS: 5 },
          }),
          ksm: ksmSpec({ run: true, pagesToScan: 5000, sleepMs: 10, mergeAcrossNodes }),
          numa: nodes === null ? null : { nodes },
        }),
      },
    ),
  );

/** What a policy could do: any target for any guest, and any setting of KSM, at any time. */
const meddling = fc.array(
  fc.record({
    atS: fc.integer({ min: 0, max: 150 }),
    guest: fc.nat(5),
    target: fc.nat(600_000),
    run: fc.constantFrom(0, 1, 2),
    across: fc.constantFrom('0', '1'),
  }),
  { maxLength: 12 },
);

interface Move {
  readonly atS: number;
  readonly guest: number;
  readonly target: number;
  readonly run: number;
  readonly across: string;
}

function run(of: Scenario, moves: readonly Move[]): World {
  const simulated = new World(of, 1);
  for (let second = 0; second < 150; second++) {
    for (const move of moves.filter(({ atS }) => atS === second)) {
      simulated.guests[move.guest % simulated.guests.length]!.balloon.setTarget(move.target, second);
      simulated.ksm.run = move.run;
      writeKnob(simulated.ksm, 'merge_across_nodes', move.across);
    }
    simulated.step();
    expect(simulated.problem(), `after second ${second}`).toBeNull();
  }
  return simulated;
}

const state = ({ guests, host, ksm, nodes }: World): string =>
  JSON.stringify([
    guests.map(({ spec, memory, workload }) => [spec.name, memory, workload.counters]),
    [host.free, host.counters, ksm.cpuS, nodes?.free],
  ]);

describe('the books', () => {
  it('have every page in one state after every second, whatever happens', () => {
    fc.assert(
      fc.property(world, meddling, (of, moves) => {
        run(of, moves);
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  it('are the same for the same seed, and do not depend on the order of the guests', () => {
    fc.assert(
      fc.property(world, (of) => {
        const reversed = { ...of, guests: of.guests.toReversed() };
        expect(state(run(reversed, []))).toBe(state(run(of, [])));
      }),
      { numRuns: 30, seed: 11 },
    );
  });

  it('find a page that is lost', () => {
    const simulated = new World(scenario([guestSpec()]), 1);
    simulated.step();
    simulated.guests[0]!.memory.cache += 1;
    expect(simulated.problem()).toMatch(/^guest: its states have 262145 of 262144 pages$/);
  });
});
