import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostNuma } from '../../../collectors/host-numa.ts';
import { nodesText } from '../../../src/model/numa-nodes.ts';
import { HOST, PAGE_KIB } from '../../../src/simulation/constants.ts';
import { homesOf } from '../../../src/simulation/host/nodes.ts';
import { kernelFiles } from '../../../src/simulation/ports/kernel-files.ts';
import type { GuestSpec, HostSpec } from '../../../src/simulation/scenario/model.ts';
import { World } from '../../../src/simulation/world.ts';
import { collectHost } from '../../support/kernel.ts';
import { demandSpec, GIB, guestSpec, hostSpec, ksmSpec, MIB, scenario } from './specs.ts';

const MERGE_ACROSS_NODES = '/sys/kernel/mm/ksm/merge_across_nodes';
const RUN = '/sys/kernel/mm/ksm/run';

function hosted(nodes: number, guests: readonly Partial<GuestSpec>[], host: Partial<HostSpec> = {}): World {
  const specs = guests.map((changes, at) => guestSpec({ name: `guest-${at}`, ...changes }));
  return new World(scenario(specs, { host: hostSpec({ numa: { nodes }, ...host }) }), 1);
}

function pass(world: World, seconds: number): World {
  for (let second = 0; second < seconds; second++) {
    world.step();
    expect(world.problem(), `after second ${world.nowS}`).toBeNull();
  }
  return world;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

describe('the nodes of a host', () => {
  it('have guests that are pinned, and the others in turn as they start', () => {
    const life = (startS: number) => ({ ...guestSpec().life, startS });
    const { guests } = hosted(2, [{ life: life(30) }, { node: 1, life: life(5) }, { life: life(10) }, {}, { node: 1 }]);
    expect(homesOf(guests, 2)).toEqual([0, 1, 1, 0, 1]);
    expect(homesOf(guests.slice(2, 4), 1)).toEqual([0, 0]);
  });

  it('give memory to the guests of another one that is full, which costs nobody anything', () => {
    const large = { memoryKib: 3 * GIB, demand: demandSpec({ baseKib: 2 * GIB }), node: 0 };
    const world = pass(hosted(2, [large, large, large]), 300);
    const [full, other] = world.nodes!.free;
    const [pages] = world.nodes!.pages;
    expect(full).toBe(Math.floor(pages! * HOST.low));
    expect(other).toBeLessThan(pages! / 2);
    expect(other).toBeGreaterThan(pages! / 10);
    const { allocStalls, scannedInBackground, scannedDirectly, swapOut } = world.host.counters;
    expect([allocStalls, scannedInBackground, scannedDirectly, swapOut]).toEqual([0, 0, 0, 0]);
  });

  it('get back what guests had on them, wherever that was', () => {
    const life = { ...guestSpec().life, stopS: 200 };
    const large = { memoryKib: 6 * GIB, demand: demandSpec({ baseKib: 5 * GIB }), node: 1 };
    const world = hosted(2, [{ ...large, life }]);
    const before = [...world.nodes!.free];
    expect(Math.min(...pass(world, 190).nodes!.free)).toBeLessThan(50_000);
    expect(pass(world, 20).nodes!.free).toEqual(before);
  });

  it('are reclaimed from only when none has memory', () => {
    const large = { memoryKib: 4 * GIB, demand: demandSpec({ baseKib: 3 * GIB }), node: 0 };
    const world = pass(hosted(2, [large, large, large], { swapKib: 8 * GIB }), 300);
    expect(world.host.counters.swapOut).toBeGreaterThan(0);
    expect(Math.max(...world.nodes!.free)).toBeLessThan(world.nodes!.pages[0]! * 0.05);
  });

  it('change nothing else: a world has the same with and without them', () => {
    const figures = (world: World) => {
      pass(world, 400);
      const { host, ksm, guests } = world;
      return [host.counters, host.free, ksm.merged, ksm.cpuS, guests.map(({ memory }) => ({ ...memory }))];
    };
    const sharing = { image: 'debian', share: 0.4, writes: 0.1 };
    const guests = Array.from({ length: 4 }, () => ({
      sharing,
      memoryKib: 4 * GIB,
      demand: demandSpec({ baseKib: 2.2 * GIB }),
    }));
    const host = { swapKib: 4 * GIB, filesKib: GIB, ksm: ksmSpec({ run: true, pagesToScan: 2000 }) };
    const without = figures(hosted(1, guests, { ...host, numa: null }));
    for (const nodes of [1, 2, 3]) expect(figures(hosted(nodes, guests, host))).toEqual(without);
  });
});

describe('the files of nodes', () => {
  const collect = (world: World) => collectHost(hostNuma, kernelFiles(world));

  it('have the figures of the model, which add up to those of the host', async () => {
    const world = pass(hosted(3, [{}, {}, {}, { memoryKib: 4 * GIB, demand: demandSpec({ baseKib: 3 * GIB }) }]), 60);
    const host = kernelFiles(world);
    const texts = await Promise.all([0, 1, 2].map((node) => host.readText(nodeFile(node, 'meminfo'))));
    const kib = (text: string | null, name: string) => Number(new RegExp(`${name}: (\\d+) kB`).exec(text ?? '')?.[1]);
    const meminfo = await host.readText('/proc/meminfo');
    for (const name of ['MemTotal', 'MemFree'])
      expect(sum(texts.map((text) => kib(text, name)))).toBe(kib(meminfo, name));
    expect(await host.readText('/sys/devices/system/node/online')).toBe('0-2\n');
    const cpus = await Promise.all([0, 1, 2].map((node) => host.readText(nodeFile(node, 'cpulist'))));
    expect(cpus).toEqual(['0\n', '1\n', '2-3\n']);
    const free = world.nodes!.free.map((pages) => pages * PAGE_KIB);
    const { pages, cache } = world.nodes!;
    expect(sum(cache)).toBeLessThanOrEqual(world.host.cache);
    expect(sum(cache)).toBeGreaterThan(world.host.cache - pages.length);
    const nodes = pages.map((total, id) => ({
      ...{ id, mem_total: total * PAGE_KIB, mem_unused: free[id]!, mem_allocatable: free[id]! + cache[id]! * PAGE_KIB },
      has_cpus: true,
    }));
    expect(await collect(world)).toEqual({
      numa_nodes: nodesText(nodes),
      ...{ numa_node_count: 3, numa_free_min: Math.min(...free), numa_free_max: Math.max(...free) },
      ...{ numa_free_min_node: free.indexOf(Math.min(...free)), numa_cpuless_count: 0, numa_cpuless_free: 0 },
    });
  });

  it('are there for one node if the scenario has it, and otherwise not', async () => {
    const one = pass(hosted(1, [{}]), 30);
    expect(await collect(one)).toMatchObject({ numa_node_count: 1, numa_free_min: one.host.free * PAGE_KIB });
    expect(await collect(hosted(1, [{}], { numa: null }))).toEqual({});
  });
});

const nodeFile = (node: number, name: string): string => `/sys/devices/system/node/node${node}/${name}`;

describe('KSM on several nodes', () => {
  const sharing = { image: 'debian', share: 0.5, writes: 0 };
  const ksm = ksmSpec({ run: true, pagesToScan: 5000, sleepMs: 10 });
  const apart = { ...ksm, mergeAcrossNodes: false };
  const four = [0, 0, 1, 1].map((node) => ({ sharing, node }));

  it('has one copy of a page for all nodes, or one for each', () => {
    const [together, separate] = [ksm, apart].map((of) => pass(hosted(2, four, { ksm: of }), 600).ksm.merged);
    expect(together!.sharing / together!.shared).toBeCloseTo(3, 2);
    expect(separate!.sharing / separate!.shared).toBeCloseTo(1, 2);
    expect(separate!.shared).toBe(2 * together!.shared);
    expect(separate!.sharing + separate!.shared).toBe(together!.sharing + together!.shared);
  });

  it('merges nothing of a guest that is alone on its node, unless it may merge across nodes', () => {
    const two = [0, 1].map((node) => ({ sharing, node }));
    expect(pass(hosted(2, two, { ksm: apart }), 600).ksm.merged).toEqual({ shared: 0, sharing: 0 });
    expect(pass(hosted(2, two, { ksm }), 600).ksm.merged.sharing).toBeGreaterThan(20_000);
    expect(pass(hosted(1, [{ sharing }, { sharing }], { ksm: apart }), 600).ksm.merged.sharing).toBeGreaterThan(20_000);
  });

  it('saves no more within nodes than across them, and leaves nodes and host with the same free memory', () => {
    const guest = fc.record({
      node: fc.option(fc.nat(2), { nil: null }),
      image: fc.constantFrom('', 'debian', 'windows'),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      baseKib: fc.integer({ min: 0, max: 800 }).map((size) => size * MIB),
    });
    fc.assert(
      fc.property(fc.array(guest, { minLength: 1, maxLength: 8 }), fc.integer({ min: 3, max: 4 }), (all, nodes) => {
        const specs = all.map(({ node, image, share, baseKib }) => ({
          ...{ node, sharing: { image, share, writes: 0 }, demand: demandSpec({ baseKib }) },
        }));
        const [across, within] = [true, false].map((mergeAcrossNodes) => {
          const fast = ksmSpec({ run: true, pagesToScan: 100_000, sleepMs: 1, mergeAcrossNodes });
          const world = pass(hosted(nodes, specs, { memoryKib: 16 * GIB, ksm: fast }), 120);
          expect(sum(world.nodes!.free)).toBe(world.host.free);
          expect(sum([...world.ksm.savedEach])).toBe(world.ksm.merged.sharing);
          return world.ksm.merged.sharing;
        });
        expect(within).toBeLessThanOrEqual(across!);
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it('takes another merge_across_nodes only while nothing is shared, as the kernel does', async () => {
    const world = pass(hosted(2, four, { ksm }), 600);
    const host = kernelFiles(world);
    const write = (text: string) => host.writeText(MERGE_ACROSS_NODES, text);
    const saved = world.ksm.merged.sharing;
    await expect(write('0')).rejects.toMatchObject({ code: 'EBUSY' });
    await write('1\n');
    for (const wrong of ['2', '-1', 'x', '', ' 1', '0x1', '1e0'])
      await expect(write(wrong)).rejects.toMatchObject({ code: 'EINVAL' });
    expect(await host.readText(MERGE_ACROSS_NODES)).toBe('1\n');
    await host.writeText(RUN, '2');
    await expect(write('0')).rejects.toMatchObject({ code: 'EBUSY' });
    pass(world, 10);
    await write('0');
    expect(await host.readText(MERGE_ACROSS_NODES)).toBe('0\n');
    await host.writeText(RUN, '1');
    expect(pass(world, 600).ksm.merged.sharing).toBeCloseTo((saved * 2) / 3, -2);
  });

  it('does not count as shared, after a change, what single guests had merged before', async () => {
    const world = pass(
      hosted(
        2,
        [
          { sharing, node: 0 },
          { sharing, node: 1 },
        ],
        { ksm: apart },
      ),
      100,
    );
    for (const { memory } of world.guests) memory.merged = 1000;
    await kernelFiles(world).writeText(MERGE_ACROSS_NODES, '1');
    expect(world.ksm.merged).toEqual({ shared: 0, sharing: 0 });
    expect(pass(world, 300).ksm.merged.sharing).toBeGreaterThan(20_000);
  });
});
