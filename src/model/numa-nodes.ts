import type { FieldDecl } from './field.ts';
import { listInText } from './list-text.ts';

/** One NUMA node of the host that has memory. Sizes in KiB. */
export interface NumaNode {
  /** The kernel's number. */
  readonly id: number;
  readonly mem_total: number;
  /** Free memory, without caches. */
  readonly mem_unused: number;
  /** What can be had without swapping; null: the kernel does not say. */
  readonly mem_allocatable: number | null;
  /** false: memory without CPUs, such as CXL. */
  readonly has_cpus: boolean;
}

/** The field of the host that holds its nodes. */
export const NODES_FIELD = 'numa_nodes';

/** The field of a guest that names its node. */
export const GUEST_NODE_FIELD = 'numa_node';

/** Nodes that are read: as many as Linux can have. */
export const MAX_NODES = 1024;

const MEMINFO = '/sys/devices/system/node/nodeN/meminfo';

/** What a policy can read of a node, other than its guests. The names are those of the same figures of the host. */
export const NODE_FIELDS: readonly (FieldDecl & { readonly name: keyof NumaNode })[] = [
  {
    name: 'id',
    type: 'number',
    unit: 'none',
    optional: false,
    doc: 'Number of the node',
    source: '/sys/devices/system/node/online',
  },
  {
    name: 'mem_total',
    type: 'number',
    unit: 'KiB',
    optional: false,
    doc: 'Memory of the node',
    source: `${MEMINFO} MemTotal`,
  },
  {
    name: 'mem_unused',
    type: 'number',
    unit: 'KiB',
    optional: false,
    doc: 'Unused memory, without caches',
    source: `${MEMINFO} MemFree`,
    partOf: 'mem_total',
  },
  {
    name: 'mem_allocatable',
    type: 'number',
    unit: 'KiB',
    optional: true,
    doc: 'Memory that can be handed out without swapping: unused memory, file caches and what the kernel can free of its own. The kernel tells no MemAvailable of a node: this is a little more',
    source: `${MEMINFO} MemFree, Active(file), Inactive(file), SReclaimable`,
    partOf: 'mem_total',
  },
  {
    name: 'has_cpus',
    type: 'boolean',
    unit: 'none',
    optional: false,
    doc: 'Whether the node has CPUs; false: memory without CPUs, such as CXL, where no guest runs',
    source: '/sys/devices/system/node/nodeN/cpulist',
  },
];

/** The guests of a node, as a list. */
export const NODE_GUESTS = {
  name: 'guests',
  doc: 'The guests whose `numa_node` is this node. Guests that are bound to no node, or to several, are in none of these lists',
} as const;

/** The nodes as the text of a field. */
export function nodesText(nodes: readonly NumaNode[]): string {
  return JSON.stringify(nodes);
}

/** The nodes in the text of a field, which a recording may have; null: it holds none, or two of one number. */
export function nodesIn(text: unknown): readonly NumaNode[] | null {
  const all = listInText(text, MAX_NODES);
  if (all === null) return null;
  const nodes = all.flatMap((each) => nodeIn(each) ?? []);
  const isEachOne = nodes.length === all.length && new Set(nodes.map(({ id }) => id)).size === nodes.length;
  return isEachOne ? nodes : null;
}

export function isNodeId(id: unknown): id is number {
  return Number.isSafeInteger(id) && Number(id) >= 0;
}

function nodeIn(value: unknown): NumaNode | null {
  const { id, mem_total, mem_unused, mem_allocatable = null, has_cpus } = (value ?? {}) as Partial<NumaNode>;
  if (!isNodeId(id) || !isSize(mem_total) || !isSize(mem_unused) || typeof has_cpus !== 'boolean') return null;
  return mem_allocatable === null || isSize(mem_allocatable)
    ? { id, mem_total, mem_unused, mem_allocatable, has_cpus }
    : null;
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
