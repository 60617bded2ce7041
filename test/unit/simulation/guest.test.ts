import { describe, expect, it } from 'vitest';
import { PAGE_KIB } from '../../../src/simulation/constants.ts';
import type { GuestSpec } from '../../../src/simulation/scenario/model.ts';
import { lowWatermark } from '../../../src/simulation/guest/watermark.ts';
import { readingOf } from '../../../src/simulation/ports/hypervisor.ts';
import { World } from '../../../src/simulation/world.ts';
import { demandSpec, GIB, guestSpec, MIB, scenario } from './specs.ts';

const BOOTED_S = 60;

/** A world with one guest that has booted. */
function booted(changes: Partial<GuestSpec>): World {
  const world = new World(scenario([guestSpec(changes)]), 1);
  pass(world, BOOTED_S);
  return world;
}

function pass(world: World, seconds: number): void {
  for (let second = 0; second < seconds; second++) world.step();
}

const theGuest = (world: World) => world.guests[0]!;
const sizeMib = (world: World) => (theGuest(world).memory.size * PAGE_KIB) / MIB;
const target = (world: World, mib: number) => theGuest(world).balloon.setTarget((mib * MIB) / PAGE_KIB, world.nowS);

/** Seconds until the guest has the size, at most 10 minutes. */
function timeTo(world: World, mib: number): number {
  target(world, mib);
  for (let second = 1; second <= 600; second++) {
    pass(world, 1);
    if (Math.abs(sizeMib(world) - mib) < 1) return second;
  }
  return Infinity;
}

describe('a balloon', () => {
  const files = { sizeKib: 4 * GIB, hotKib: 0, readsKib: 200 * MIB };
  const big = { memoryKib: 4 * GIB, demand: demandSpec({ baseKib: 512 * MIB }) };

  it('takes free memory at once, page cache slower, and memory in use only through swap', () => {
    const free = timeTo(booted(big), 2048);
    const cache = timeTo(booted({ ...big, files }), 2048);
    const used = { ...big, demand: demandSpec({ baseKib: 3000 * MIB }) };
    const swap = timeTo(booted({ ...used, swapKib: 2 * GIB }), 2048);
    expect(free).toBeLessThan(cache);
    expect(cache).toBeLessThan(swap);
    expect(timeTo(booted(used), 2048)).toBe(Infinity);
  });

  it('gives the host back only what the guest had touched', () => {
    const idle = booted(big);
    const before = idle.host.free;
    target(idle, 1024);
    pass(idle, 60);
    expect(sizeMib(idle)).toBe(1024);
    expect(idle.host.free - before).toBeLessThan(5000);
    const busy = booted({ ...big, files });
    const cached = busy.host.free;
    target(busy, 1024);
    pass(busy, 60);
    // A part of it comes when the host looks for memory.
    expect(((busy.host.free + busy.host.torn - cached) * PAGE_KIB) / MIB).toBeGreaterThan(2000);
  });

  it.each([
    ['is stuck', { moves: 'stuck' as const }, 1024],
    ['has a limit', { limitKib: 700 * MIB }, 700],
    ['is slow', { rateKib: 10 * MIB }, 1024 - 600],
    ['is late', { lateS: 3600 }, 1024],
    ['is ideal', {}, 400],
  ])('that %s does so', (_, changes, mib) => {
    const balloon = { moves: 'follows' as const, rateKib: 0, limitKib: 0, lateS: 0, ...changes };
    const world = booted({ balloon, demand: demandSpec({ baseKib: 200 * MIB }) });
    target(world, 400);
    pass(world, 60);
    expect(sizeMib(world)).toBeCloseTo(mib, 0);
  });

  it('that is hollow reaches its target, and the host gets nothing', () => {
    const balloon = { moves: 'hollow' as const, rateKib: 0, limitKib: 0, lateS: 0 };
    const world = booted({ ...big, balloon, files });
    const { resident } = theGuest(world).memory;
    target(world, 1024);
    pass(world, 60);
    expect(sizeMib(world)).toBeCloseTo(1024, 0);
    expect(theGuest(world).memory.resident).toBeGreaterThanOrEqual(resident - 100);
    expect(theGuest(world).memory.returned).toBe(0);
  });
});

describe('free memory', () => {
  it('goes into the balloon as programs gave it back, before such that booting has touched here and there', () => {
    const points = [
      { atS: 30, sizeKib: 300 * MIB },
      { atS: 40, sizeKib: 300 * MIB },
      { atS: 41, sizeKib: 0 },
    ];
    const world = booted({ demand: demandSpec({ baseKib: 100 * MIB, points }) });
    const { memory } = theGuest(world);
    const before = memory.resident;
    target(world, 1024 - 280);
    pass(world, 5);
    expect(((before - memory.resident) * PAGE_KIB) / MIB).toBeCloseTo(280, -1);
    const left = memory.resident;
    target(world, 1024 - 480);
    pass(world, 5);
    expect(((left - memory.resident) * PAGE_KIB) / MIB).toBeLessThan(60);
  });

  it.each([
    [256, 2.5],
    [512, 3.5],
    [768, 48],
    [1024, 55],
    [16_384, 82.5],
  ])('of %i MiB is defended by the kernel as Linux does it: %i MiB', (mib, low) => {
    expect((lowWatermark((mib * MIB) / PAGE_KIB) * PAGE_KIB) / MIB).toBeCloseTo(low, 0);
  });

  it('is not all usable, nor is the page cache', () => {
    const world = booted({ memoryKib: 2 * GIB, files: { sizeKib: GIB, hotKib: 0, readsKib: 100 * MIB } });
    pass(world, 60);
    const { unusedKib = 0, diskCachesKib = 0, usableKib = 0 } = readingOf(theGuest(world)).balloon;
    expect(usableKib).toBeGreaterThan(unusedKib);
    expect(unusedKib + diskCachesKib - usableKib).toBeGreaterThan(100 * MIB);
  });
});

describe('a guest', () => {
  const files = { sizeKib: GIB, hotKib: 300 * MIB, readsKib: 50 * MIB };

  it('fills its free memory with page cache, and waits when the hot part of it is taken away', () => {
    const world = booted({ files });
    expect(theGuest(world).memory.cache * PAGE_KIB).toBeGreaterThan(400 * MIB);
    expect(theGuest(world).workload.stallS).toBe(0);
    target(world, 380);
    pass(world, 30);
    expect(theGuest(world).workload.refaults).toBeGreaterThan(0);
    expect(theGuest(world).workload.stallS).toBeGreaterThan(0);
  });

  it('gives the memory that its programs freed back to the host only with free page reporting', () => {
    const points = [
      { atS: 0, sizeKib: 600 * MIB },
      { atS: 100, sizeKib: 600 * MIB },
      { atS: 101, sizeKib: 0 },
    ];
    const backedMib = (freePageReporting: boolean) => {
      const world = booted({ freePageReporting, demand: demandSpec({ baseKib: 100 * MIB, points }) });
      pass(world, 200);
      return (theGuest(world).memory.backed * PAGE_KIB) / MIB;
    };
    expect(backedMib(false)).toBeGreaterThan(700);
    expect(backedMib(true)).toBeLessThan(500);
  });

  it('swaps when it is too small and has swap, and kills its programs when it has none', () => {
    const demand = demandSpec({ baseKib: 1200 * MIB });
    const swapping = booted({ demand, swapKib: GIB });
    expect(theGuest(swapping).workload.counters).toMatchObject({ oomKills: 0 });
    expect(theGuest(swapping).memory.swapped).toBeGreaterThan(0);
    const killed = booted({ demand });
    expect(theGuest(killed).workload.counters.oomKills).toBeGreaterThan(0);
  });

  it('keeps what it touched over a reboot, and has the balloon again only when its driver works', () => {
    const life = { startS: 0, stopS: 0, rebootsS: [100], migrateS: 0, migrationS: 0 };
    const world = booted({ life });
    target(world, 600);
    pass(world, 39);
    const { backed } = theGuest(world).memory;
    pass(world, 3);
    expect(sizeMib(world)).toBe(1024);
    expect(readingOf(theGuest(world)).missing).toMatchObject({ cause: 'not booted' });
    expect(theGuest(world).memory.backed).toBeGreaterThanOrEqual(backed);
    pass(world, 40);
    expect(sizeMib(world)).toBe(600);
  });

  it('says that it migrates, and is gone with its memory afterwards', () => {
    const life = { startS: 0, stopS: 0, rebootsS: [], migrateS: 100, migrationS: 20 };
    const world = booted({ life });
    pass(world, 45);
    expect(readingOf(theGuest(world)).job).toBe('migration');
    pass(world, 20);
    expect(theGuest(world).life.isRunning).toBe(false);
    expect(world.host.guestResident).toBe(0);
  });
});

describe('statistics', () => {
  const reading = (statistics: Partial<GuestSpec['statistics']>) => {
    const files = { sizeKib: GIB, hotKib: 0, readsKib: 50 * MIB };
    const kinds = { kind: 'linux' as const, periodS: 5, lateS: 0, untilS: 0, ...statistics };
    const world = booted({ files, statistics: kinds });
    target(world, 700);
    pass(world, 30);
    return readingOf(theGuest(world));
  };

  it('of Windows count the page cache as unused and leave out what only Linux knows', () => {
    const [linux, windows] = [reading({}).balloon, reading({ kind: 'windows' }).balloon];
    expect(windows.unusedKib!).toBeGreaterThan(linux.unusedKib! + 100 * MIB);
    expect(windows).not.toHaveProperty('usableKib');
    expect(windows.other).toEqual({});
  });

  it('can be absent, silent, late, frozen or greedy', () => {
    expect(reading({ kind: 'none' })).toMatchObject({ missing: { cause: 'no driver' }, balloon: { lastUpdateS: 0 } });
    expect(reading({ untilS: 40 })).toMatchObject({ missing: { cause: 'service silent' } });
    const sizes = { late: reading({ lateS: 60 }), frozen: reading({ kind: 'frozen' }), honest: reading({}) };
    expect(sizes.honest.balloon.availableKib).toBeLessThan(700 * MIB);
    expect(sizes.late.balloon.availableKib).toBeGreaterThan(900 * MIB);
    expect(sizes.frozen.balloon.availableKib).toBeGreaterThan(900 * MIB);
    expect(reading({ kind: 'greedy' }).balloon.usableKib!).toBeLessThan(30 * MIB);
  });
});
