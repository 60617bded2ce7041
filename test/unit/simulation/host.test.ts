import { describe, expect, it } from 'vitest';
import { GUEST, PAGE_KIB } from '../../../src/simulation/constants.ts';
import type { GuestSpec, HostSpec } from '../../../src/simulation/scenario/model.ts';
import { World } from '../../../src/simulation/world.ts';
import { demandSpec, GIB, guestSpec, hostSpec, ksmSpec, MIB, scenario } from './specs.ts';

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
    expect(world.pressure.some.averages[0]).toBeGreaterThan(0);
    expect(world.pressure.some.totalUs).toBeGreaterThan(1_000_000);
    expect(world.pressure.full.averages[0]).toBeLessThanOrEqual(world.pressure.some.averages[0]!);
    expect(world.guests.some(({ workload }) => workload.hostStallS > 0)).toBe(true);
  });

  it('kills the largest guest when nothing is left', () => {
    const huge = { memoryKib: 6 * GIB, demand: demandSpec({ baseKib: 5 * GIB }) };
    const world = hosted({}, [large, huge], 300);
    expect(world.host.counters.oomKills).toBe(1);
    expect(world.guests.map(({ life }) => life.isRunning)).toEqual([true, false]);
  });

  it('has the program of all QEMUs once', () => {
    const [one, two] = [hosted({}, [{}], 60), hosted({}, [{}, {}], 60)];
    const own = one.host.guestResident;
    expect(two.host.guestResident).toBe(2 * own - GUEST.qemuShared);
  });

  it('gets a part of what balloons took out of use only when it needs memory', () => {
    const guest = { memoryKib: 4 * GIB, swapKib: 4 * GIB, demand: demandSpec({ baseKib: 3 * GIB }) };
    const points = [
      { atS: 299, sizeKib: 0 },
      { atS: 300, sizeKib: 5.2 * GIB },
    ];
    const world = hosted({ swapKib: GIB, other: demandSpec({ baseKib: 0, points }) }, [guest], 100);
    const { memory, balloon } = world.guests[0]!;
    balloon.setTarget((2 * GIB) / PAGE_KIB, world.nowS);
    for (let second = 100; second < 290; second++) world.step();
    expect(memory.size * PAGE_KIB).toBe(2 * GIB);
    const { torn } = world.host;
    expect(torn * PAGE_KIB).toBeGreaterThan(0.5 * GIB);
    for (let second = 290; second < 310; second++) world.step();
    expect(world.host.torn).toBeLessThan(torn / 2);
    expect(world.host.counters.swapOut).toBe(0);
    expect(world.problem()).toBeNull();
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
  const ksm = ksmSpec({ run: true, pagesToScan: 5000, sleepMs: 10 });
  const saved = (world: World) => world.ksm.merged.sharing;
  const two = [{ sharing }, { sharing }];

  it('merges what guests of one image have, and nothing of guests that are alone or of different images', () => {
    expect(saved(hosted({ ksm }, two, 600))).toBeGreaterThan(20_000);
    expect(saved(hosted({ ksm }, [{ sharing }], 600))).toBe(0);
    expect(saved(hosted({ ksm }, [{ sharing }, { sharing: { ...sharing, image: 'windows' } }], 600))).toBe(0);
    expect(saved(hosted({}, two, 600))).toBe(0);
  });

  it('merges faster with more pages to scan, which costs ksmd more', () => {
    const slow = hosted({ ksm: { ...ksm, pagesToScan: 20 } }, two, 60);
    const fast = hosted({ ksm }, two, 60);
    expect(saved(fast)).toBeGreaterThan(saved(slow));
    expect(fast.ksm.cpuS).toBeGreaterThan(slow.ksm.cpuS);
  });

  it('only looks at pages in its first round, and merges them in the next when it comes to the second guest', () => {
    const world = hosted({ ksm: ksmSpec({ pagesToScan: 200 }) }, two, 100);
    world.ksm.run = 1;
    const rounds: number[] = [];
    for (let second = 0; second < 120 && saved(world) === 0; second++) {
      world.step();
      rounds.push(world.ksm.fullScans);
    }
    // Of the second round, the first guest is about half.
    expect(rounds.at(-1)).toBe(1);
    const [first, second] = [rounds.lastIndexOf(0) + 1, rounds.length];
    expect(second / first).toBeGreaterThan(1.3);
    expect(second / first).toBeLessThan(1.7);
    expect(world.ksm.notMerged.volatile).toBeGreaterThan(world.ksm.notMerged.unshared);
  });

  it('passes over pages that never merge, if it may', () => {
    const alone = [{ sharing: { ...sharing, share: 0.02 } }, { sharing: { ...sharing, share: 0.02 } }];
    const smart = hosted({ ksm }, alone, 300);
    const thorough = hosted({ ksm }, alone, 100);
    thorough.ksm.smartScan = 0;
    for (let second = 100; second < 300; second++) thorough.step();
    expect(smart.ksm.fullScans).toBeGreaterThan(thorough.ksm.fullScans);
    expect(smart.ksm.cpuS).toBeLessThan(thorough.ksm.cpuS);
  });

  it('loses what guests write to, and all of it when it is told to unmerge', () => {
    const slow = { ...ksm, pagesToScan: 100 };
    const kept = hosted({ ksm: slow }, two, 600);
    const written = hosted(
      { ksm: slow },
      two.map(() => ({ sharing: { ...sharing, writes: 1 } })),
      600,
    );
    expect(saved(written)).toBeLessThan(saved(kept));
    kept.ksm.run = 2;
    const { free } = kept.host;
    kept.step();
    for (let second = 0; second < 10; second++) kept.step();
    expect(saved(kept)).toBe(0);
    expect(kept.ksm.items()).toBe(0);
    expect(kept.host.free).toBeLessThan(free - 20_000);
  });

  it('has a profit that is less than what it saves, by its metadata', () => {
    const world = hosted({ ksm }, two, 600);
    expect(world.ksm.profit).toBe(saved(world) * 4096 - world.ksm.items() * 64);
  });
});
