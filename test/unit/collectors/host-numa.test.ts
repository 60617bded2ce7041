import { describe, expect, it } from 'vitest';
import { hostNuma } from '../../../collectors/host-numa.ts';
import { nodesIn, nodesText } from '../../../src/model/numa-nodes.ts';
import { collectHost, fixtureHost, KernelTree } from '../../support/kernel.ts';

const ONLINE = '/sys/devices/system/node/online';

describe('host-numa', () => {
  it('finds the nodes with the least and the most free memory among those that have memory', async () => {
    expect(await collectHost(hostNuma, fixtureHost('linux-5.10'))).toEqual({
      numa_node_count: 2,
      numa_free_min: 260344,
      numa_free_max: 5000000,
      numa_free_min_node: 1,
      numa_cpuless_count: 0,
      numa_cpuless_free: 0,
      numa_nodes: nodesText([
        { id: 0, mem_total: 65950130, mem_unused: 5000000, mem_allocatable: null, has_cpus: true },
        { id: 1, mem_total: 65950130, mem_unused: 260344, mem_allocatable: null, has_cpus: true },
      ]),
    });
  });

  it('counts nodes without CPUs separately', async () => {
    const tree = await KernelTree.copyOf('linux-5.10');
    await tree.set('/sys/devices/system/node/node0/cpulist', '0-7\n');
    await tree.set('/sys/devices/system/node/node1/cpulist', '\n');
    expect(await collectHost(hostNuma, tree.host)).toMatchObject({
      numa_node_count: 1,
      numa_free_min: 5000000,
      numa_free_min_node: 0,
      numa_cpuless_count: 1,
      numa_cpuless_free: 260344,
    });
    expect(nodesIn((await collectHost(hostNuma, tree.host)).numa_nodes)?.map(({ has_cpus }) => has_cpus)).toEqual([
      true,
      false,
    ]);
  });

  it('reads a real host with one node', async () => {
    const values = await collectHost(hostNuma, fixtureHost('linux-6.18'));
    expect(values).toMatchObject({ numa_node_count: 1, numa_free_min_node: 0 });
    // Free, file caches and SReclaimable.
    const mem_allocatable = 3563228 + 152704 + 70952 + 147076;
    expect(nodesIn(values.numa_nodes)).toEqual([
      { id: 0, mem_total: 4417740, mem_unused: 3563228, mem_allocatable, has_cpus: true },
    ]);
    expect(values.numa_free_min).toBe(values.numa_free_max);
  });

  it('returns nil on a kernel without NUMA', async () => {
    expect(await collectHost(hostNuma, fixtureHost('bare'))).toEqual({});
  });

  it('skips a node that went offline during the read', async () => {
    const tree = await KernelTree.copyOf('linux-5.10');
    await tree.remove('/sys/devices/system/node/node1');
    expect(await collectHost(hostNuma, tree.host)).toMatchObject({ numa_node_count: 1, numa_free_min_node: 0 });
    await tree.set(ONLINE, '\n');
    expect(await collectHost(hostNuma, tree.host)).toMatchObject({ numa_node_count: 0, numa_cpuless_count: 0 });
  });

  it('fails with file and line when the list is invalid', async () => {
    await expect(collectHost(hostNuma, fixtureHost('odd-lines'))).rejects.toThrow(
      `${ONLINE}:1: expected a list such as 0-3,8, found "7-3"`,
    );
  });
});
