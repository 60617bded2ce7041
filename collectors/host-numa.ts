import { parseList } from '../src/host/cpu-list.ts';
import type { Host } from '../src/ports/host.ts';
import { parseNodeMeminfo } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';
import { awaitAll } from '../src/support/await-all.ts';

const NODES = '/sys/devices/system/node';
const ONLINE = `${NODES}/online`;

const field = (name: string, unit: 'KiB' | 'count' | 'none', doc: string, source: string) =>
  ({ name, type: 'number', unit, optional: true, doc, source }) as const;

interface Node {
  readonly node: number;
  readonly freeKib: number;
  readonly hasCpus: boolean;
}

/**
 * Distribution of free memory over the NUMA nodes. Guests on a node without free memory suffer even when the host has
 * plenty. Nodes without memory are ignored. Nodes without CPUs, such as CXL
 * memory, are counted separately: no guest runs there, and their memory is slower.
 */
export const hostNuma = defineCollector({
  name: 'host-numa',
  scope: 'host',
  fields: [
    field('numa_node_count', 'count', 'Number of nodes with memory and CPUs', ONLINE),
    field(
      'numa_free_min',
      'KiB',
      'Free memory of the node with the least free memory',
      `${NODES}/nodeN/meminfo MemFree`,
    ),
    field(
      'numa_free_max',
      'KiB',
      'Free memory of the node with the most free memory',
      `${NODES}/nodeN/meminfo MemFree`,
    ),
    field(
      'numa_free_min_node',
      'none',
      'Number of the node with the least free memory',
      `${NODES}/nodeN/meminfo MemFree`,
    ),
    field(
      'numa_cpuless_count',
      'count',
      'Number of nodes with memory and without CPUs, such as CXL memory',
      `${NODES}/nodeN/cpulist`,
    ),
    field('numa_cpuless_free', 'KiB', 'Free memory of these nodes', `${NODES}/nodeN/meminfo MemFree`),
  ],
  create: ({ host }) => ({
    async collect() {
      const online = await host.readText(ONLINE);
      if (online === null) return {};
      const all = (await awaitAll(parseList(ONLINE, online).map((node) => readNode(host, node)))).filter(
        (node) => node !== null,
      );
      const nodes = all.filter(({ hasCpus }) => hasCpus);
      const cpuless = {
        numa_cpuless_count: all.length - nodes.length,
        numa_cpuless_free: all.reduce((sum, { freeKib, hasCpus }) => sum + (hasCpus ? 0 : freeKib), 0),
      };
      const [first, ...others] = nodes;
      if (first === undefined) return { ...cpuless, numa_node_count: 0 };
      const least = others.reduce((least, node) => (node.freeKib < least.freeKib ? node : least), first);
      return {
        ...cpuless,
        numa_node_count: nodes.length,
        numa_free_min: least.freeKib,
        numa_free_max: nodes.reduce((most, { freeKib }) => Math.max(most, freeKib), 0),
        numa_free_min_node: least.node,
      };
    },
  }),
});

async function readNode(host: Host, node: number): Promise<Node | null> {
  const path = `${NODES}/node${node}/meminfo`;
  const [text, cpus] = await Promise.all([host.readText(path), host.readText(`${NODES}/node${node}/cpulist`)]);
  if (text === null) return null;
  const memory = parseNodeMeminfo(path, text);
  const freeKib = memory.kib('MemFree');
  if (freeKib === undefined || !memory.kib('MemTotal')) return null;
  return { node, freeKib, hasCpus: cpus === null || cpus.trim() !== '' };
}
