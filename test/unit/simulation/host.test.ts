import { describe, expect, it } from 'vitest';
import { PAGE_KIB } from '../../../src/simulation/constants.ts';
import type { GuestSpec, HostSpec } from '../../../src/simulation/scenario/model.ts';
import { World } from '../../../src/simulation/world.ts';
import { demandSpec, GIB, guestSpec, hostSpec, MIB, scenario } from './specs.ts';

function hosted(host: Partial<HostSpec>, guests: readonly Partial<GuestSpec>[], seconds: number): World {
  const specs = guests.map((changes, at) => guestSpec({ name: `guest-${at}`, ...changes }));
  const world = new World(scenario(specs, { host: hostSpec(host) }), 1);
  for (let second = 0; second < seconds; second++) world.step();
  return world;
}

const large = { memoryKib: 4 * GIB, demand: demandSpec({ baseKib: 3 * GIB }) };

describe('a host', () => {
  it('gives its page cache before it swaps', () => {
    const roomy = hosted({ filesKib: 3 * GIB, swapKib: 4 * GIB }, [large], 300);
    expect(roomy.host.cache).toBeGreaterThan(0);
    expect(roomy.host.counters.swapOut).toBe(0);
    const tight = hosted({ filesKib: 3 * GIB, swapKib: 4 * GIB }, [large, large], 300);
    expect(tight.host.cache).toBeLessThan(roomy.host.cache);
  });

  it('swaps guests when they want more than there is, which they feel and the pressure shows', () => {
    const world = hosted({ swapKib: 8 * GIB }, [large, large, large], 300);
    expect(world.host.counters.oomKills).toBe(0);
    expect(world.host.swapped).toBeGreaterThan(0);
    expect(world.pressure.some.averages[0]).toBeGreaterThan(1);
    expect(world.pressure.full.averages[0]).toBeLessThanOrEqual(world.pressure.some.averages[0]!);
    expect(world.guests.some(({ workload }) => workload.hostStallS > 0)).toBe(true);
  });

  it('kills the largest guest when nothing is left', () => {
    const huge = { memoryKib: 6 * GIB, demand: demandSpec({ baseKib: 5 * GIB }) };
    const world = hosted({}, [large, huge], 300);
    expect(world.host.counters.oomKills).toBe(1);
    expect(world.guests.map(({ life }) => life.isRunning)).toEqual([true, false]);
  });

  it('gets the memory of the ARC back late', () => {
    const arc = { minKib: 100 * MIB, maxKib: 4 * GIB };
    const points = [
      { atS: 199, sizeKib: 0 },
      { atS: 200, sizeKib: 5 * GIB },
    ];
    const at = (seconds: number) =>
      hosted({ arc, other: demandSpec({ baseKib: 0, points }) }, [], seconds).host.arc * PAGE_KIB;
    expect(at(195)).toBe(4 * GIB);
    expect(at(203)).toBe(4 * GIB);
    expect(at(260)).toBeLessThan(3 * GIB);
  });
});

describe('KSM', () => {
  const sharing = { image: 'debian', share: 0.5, writes: 0 };
  const ksm = { run: true, pagesToScan: 5000, sleepMs: 10 };
  const saved = (world: World) => world.ksm.merged.sharing;
  const two = [{ sharing }, { sharing }];

  it('merges what guests of one image have, and nothing of guests that are alone or of different images', () => {
    expect(saved(hosted({ ksm }, two, 600))).toBeGreaterThan(20_000);
    expect(saved(hosted({ ksm }, [{ sharing }], 600))).toBe(0);
    expect(saved(hosted({ ksm }, [{ sharing }, { sharing: { ...sharing, image: 'windows' } }], 600))).toBe(0);
    expect(saved(hosted({}, two, 600))).toBe(0);
  });

  it('merges faster with more pages to scan, which costs ksmd more', () => {
    const slow = hosted({ ksm: { ...ksm, pagesToScan: 100 } }, two, 60);
    const fast = hosted({ ksm }, two, 60);
    expect(saved(fast)).toBeGreaterThan(saved(slow));
    expect(fast.ksm.cpuS).toBeGreaterThan(slow.ksm.cpuS);
  });

  it('loses what guests write to, and all of it when it is told to unmerge', () => {
    const kept = hosted({ ksm }, two, 600);
    const written = hosted(
      { ksm },
      two.map(() => ({ sharing: { ...sharing, writes: 1 } })),
      600,
    );
    expect(saved(written)).toBeLessThan(saved(kept));
    kept.ksm.run = 2;
    const { free } = kept.host;
    kept.step();
    expect(saved(kept)).toBe(0);
    expect(kept.host.free).toBeLessThan(free - 20_000);
  });

  it('has a profit that is less than what it saves, by its metadata', () => {
    const world = hosted({ ksm }, two, 600);
    expect(world.ksm.profit).toBe(saved(world) * 4096 - world.ksm.items() * 64);
  });
});
