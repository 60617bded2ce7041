import { z } from 'zod';
import { isNodeId, MAX_NODES, NODE_FIELDS, nodesText, type NumaNode } from '../../model/numa-nodes.ts';
import type { RawScalar } from './raw.ts';
import { readField } from './values.ts';

/** A node of a test file, with the values as written. */
export type RawNode = Readonly<Partial<Record<keyof NumaNode, RawScalar>>>;

const VALUE = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** The NUMA nodes of a host in a test file. */
export const NODES = z
  .union(
    [
      z.null(),
      z
        .array(
          z.strictObject(
            Object.fromEntries(
              NODE_FIELDS.map(({ name, doc, optional }) => [
                name,
                (isNeeded(name) ? VALUE : VALUE.optional()).meta({
                  description: `${doc}${optional ? '; may be null (nil)' : ''}`,
                }),
              ]),
            ),
          ),
        )
        .max(MAX_NODES),
    ],
    {
      error: `is a list of nodes, such as [{mem_total: 32GiB, mem_unused: 4GiB}], or null for nil; a node has ${NODE_FIELDS.map(({ name }) => name).join(', ')}`,
    },
  )
  .meta({ id: 'numa-nodes' });

function isNeeded(name: keyof NumaNode): boolean {
  return name === 'mem_total' || name === 'mem_unused';
}

/** The text of the field; a node without `id` has its place in the list, from 0. */
export function readNodes(
  given: readonly RawNode[],
  problem: (at: number, key: string, message: string) => void,
): string {
  const taken = new Set<number>();
  return nodesText(
    given.map((raw, at) => {
      const read = (key: keyof NumaNode, otherwise: RawScalar): RawScalar => {
        const field = NODE_FIELDS.find(({ name }) => name === key)!;
        const found = readField(field, raw[key] === undefined ? otherwise : raw[key]);
        if ('value' in found) return found.value;
        problem(at, key, found.problem);
        return otherwise;
      };
      const id = Number(read('id', at));
      if (!isNodeId(id)) problem(at, 'id', `is a whole number from 0, not ${id}`);
      if (taken.has(id))
        problem(at, 'id', `is ${id}, as of a node before it; without an id, a node has its place in the list, from 0`);
      taken.add(id);
      return {
        id,
        mem_total: Number(read('mem_total', 0)),
        mem_unused: Number(read('mem_unused', 0)),
        mem_allocatable: read('mem_allocatable', null) as number | null,
        has_cpus: read('has_cpus', true) === true,
      };
    }),
  );
}
