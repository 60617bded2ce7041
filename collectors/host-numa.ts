import { parseList } from '../src/host/cpu-list.ts';
import type { Host } from '../src/ports/host.ts';
import { type KernelTable, parseNodeMeminfo } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';
import { NODES_FIELD, nodesText, type NumaNode } from '../src/model/numa-nodes.ts';
import { awaitAll } from '../src/support/await-all.ts';

const NODES = '/sys/devices/system/node';
const ONLINE = `${NODES}/online`;

const field = (name: string, unit: 'KiB' | 'count' | 'none', doc: string, source: string) =>
  ({ name, type: 'number', unit, optional: true, doc, source }) as const;

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
    {
      name: NODES_FIELD,
      type: 'string',
      unit: 'none',
      optional: true,
      holds: 'nodes',
      doc: 'The nodes with memory, as a list: see [NUMA nodes](#numa-nodes). A host with one node has a list of one; nil if the kernel was built without NUMA',
      source: `${NODES}/nodeN/meminfo`,
    },
  ],
  create: ({ host }) => ({
    async collect() {
      const online = await host.readText(ONLINE);
      if (online === null) return {};
      const all = (await awaitAll(parseList(ONLINE, online).map((node) => readNode(host, node)))).filter(
        (node) => node !== null,
      );
      const nodes = all.filter((node) => node.has_cpus);
      const cpuless = {
        numa_cpuless_count: all.length - nodes.length,
        [NODES_FIELD]: nodesText(all),
        numa_cpuless_free: all.reduce((sum, { mem_unused, has_cpus }) => sum + (has_cpus ? 0 : mem_unused), 0),
      };
      const [first, ...others] = nodes;
      if (first === undefined) return { ...cpuless, numa_node_count: 0 };
      const least = others.reduce((least, node) => (node.mem_unused < least.mem_unused ? node : least), first);
      return {
        ...cpuless,
        numa_node_count: nodes.length,
        numa_free_min: least.mem_unused,
        numa_free_max: nodes.reduce((most, { mem_unused }) => Math.max(most, mem_unused), 0),
        numa_free_min_node: least.id,
      };
    },
  }),
});

async function readNode(host: Host, node: number): Promise<NumaNode | null> {
  const path = `${NODES}/node${node}/meminfo`;
  const [text, cpus] = await Promise.all([host.readText(path), host.readText(`${NODES}/node${node}/cpulist`)]);
  if (text === null) return null;
  const memory = parseNodeMeminfo(path, text);
  const [total, unused] = [memory.kib('MemTotal'), memory.kib('MemFree')];
  if (unused === undefined || !total) return null;
  return {
    id: node,
    mem_total: total,
    mem_unused: unused,
    mem_allocatable: allocatable(memory, unused),
    has_cpus: cpus === null || cpus.trim() !== '',
  };
}

/** null: the kernel does not tell what the file caches of the node are. */
function allocatable(memory: KernelTable, unused: number): number | null {
  const [active, inactive] = [memory.kib('Active(file)'), memory.kib('Inactive(file)')];
  if (active === undefined || inactive === undefined) return null;
  return unused + active + inactive + (memory.kib('SReclaimable') ?? 0);
}
