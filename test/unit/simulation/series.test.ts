import { describe, expect, it } from 'vitest';
import { PAGE_KIB } from '../../../src/simulation/constants.ts';
import { Measure } from '../../../src/simulation/measure.ts';
import { World } from '../../../src/simulation/world.ts';
import { demandSpec, GIB, guestSpec, hostSpec, MIB, scenario } from './specs.ts';

function measure(durationS: number, seconds = durationS) {
  const guests = [
    guestSpec({ name: 'a', memoryKib: GIB, demand: demandSpec({ baseKib: 700 * MIB }) }),
    guestSpec({ name: 'b', memoryKib: GIB, life: { ...guestSpec().life, startS: 600 } }),
  ];
  const host = hostSpec({ memoryKib: 1200 * MIB, swapKib: GIB, reserveKib: 256 * MIB });
  const world = new World(scenario(guests, { durationS, host }), 1);
  const measured = new Measure(world, { guestSeries: true });
  for (let second = 0; second < seconds; second++) {
    world.step();
    measured.add();
  }
  return measured.result();
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the series of a simulation', () => {
  it('add up to the memory of the host in every step, and to the whole pain', () => {
    const { series, pain, gain, guestSeries } = measure(1200);
    expect(series.stepS).toBe(5);
    expect(series.guestsKib).toHaveLength(240);
    series.guestsKib.forEach((kib, at) => {
      const all = kib + series.otherKib[at]! + series.cacheKib[at]! + series.freeKib[at]!;
      expect(Math.abs(all - 1200 * MIB)).toBeLessThan(4);
    });
    expect(pain.stallS).toBeGreaterThan(0.5);
    expect(Math.abs(sum(series.stallS) - pain.stallS)).toBeLessThan(0.2);
    expect(sum(series.ranS)).toBe(1200 + 600);
    expect(sum(series.kills)).toBe(pain.guestOomKills + pain.hostOomKills);
    const held = series.guestsKib.map((kib, at) => kib + series.swapKib[at]!);
    expect(Math.abs(sum(held) / 240 - gain.usedKib)).toBeLessThan(4);
    expect(guestSeries[1]!.demandKib.slice(118, 122).map((kib) => kib === null)).toEqual([true, true, false, false]);
    expect(Math.abs(sum(guestSeries.flatMap(({ stallS }) => stallS)) - pain.stallS)).toBeLessThan(0.2);
  });

  it('have at most 288 steps, the last of which may be shorter', () => {
    const { series } = measure(1000);
    expect(series.stepS).toBe(4);
    expect(measure(1001).series.guestsKib).toHaveLength(251);
    expect(measure(1, 1).series.guestsKib).toHaveLength(1);
  });

  it('end where the simulation was stopped', () => {
    const { series, guestSeries } = measure(1200, 601);
    expect([series.guestsKib.length, guestSeries[0]!.demandKib.length]).toEqual([121, 121]);
    expect(series.ranS.at(-1)).toBe(2);
  });

  it('have the free memory of the host, which many guests share the program of QEMU on', () => {
    const guests = Array.from({ length: 20 }, (_, at) =>
      guestSpec({ name: `guest-${at}`, files: { sizeKib: GIB, hotKib: 50 * MIB, readsKib: 20 * MIB } }),
    );
    const world = new World(scenario(guests, { durationS: 200, host: hostSpec({ memoryKib: 9 * GIB }) }), 1);
    const measured = new Measure(world);
    const free: number[] = [];
    for (let second = 0; second < 200; second++) {
      // What balloons tear out of huge pages is neither free nor resident.
      if (second === 120) for (const { balloon } of world.guests) balloon.setTarget(100_000, second);
      world.step();
      measured.add();
      free.push(world.host.free * PAGE_KIB);
    }
    expect(world.host.torn).toBeGreaterThan(0);
    const { series } = measured.result();
    expect(series.stepS).toBe(1);
    expect(series.freeKib).toEqual(free);
    expect(Math.min(...series.freeKib)).toBeGreaterThanOrEqual(0);
  });
});
