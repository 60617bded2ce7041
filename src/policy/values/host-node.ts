import { GUEST_NODE_FIELD, NODE_FIELDS, NODE_GUESTS, type NumaNode } from '../../model/numa-nodes.ts';
import { ELEMENT_BYTES, type Payer } from './costs.ts';
import type { Entity, HostNode } from './entity.ts';
import type { Value } from './values.ts';

const FIELD_NAMES: ReadonlySet<string> = new Set(NODE_FIELDS.map(({ name }) => name));

/** An attribute of a NUMA node; undefined: a node has no such attribute. */
export function nodeAttribute(node: HostNode, name: string, payer: Payer): Value | undefined {
  if (name === NODE_GUESTS.name) return guestsOn(node, payer);
  return FIELD_NAMES.has(name) ? node.facts[name as keyof NumaNode] : undefined;
}

function guestsOn({ facts, allGuests }: HostNode, payer: Payer): readonly Entity[] {
  payer.charge(allGuests.length);
  const own = allGuests.filter(({ layout, last }) => {
    const index = layout.index.get(GUEST_NODE_FIELD);
    return index !== undefined && last[index] === facts.id;
  });
  payer.allocate(ELEMENT_BYTES * own.length);
  return own;
}
