import { NODE_FIELDS, NODE_GUESTS } from '../../model/numa-nodes.ts';

/** The attributes of a NUMA node of the host, an element of `Host.numa_nodes`. */
export const NODE_ATTRIBUTES: ReadonlySet<string> = new Set([...NODE_FIELDS.map(({ name }) => name), NODE_GUESTS.name]);
