import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { runCase } from '../../../src/cli/handlers/eval-cases.ts';
import { MAX_NODES, nodesIn, nodesText, type NumaNode } from '../../../src/model/numa-nodes.ts';

const node = (id: number, changes: Partial<NumaNode> = {}): NumaNode => ({
  ...{ id, mem_total: 1000, mem_unused: 100, mem_allocatable: null, has_cpus: true },
  ...changes,
});

const NODES = nodesText([
  node(0, { mem_allocatable: 300 }),
  node(1, { mem_unused: 700 }),
  node(2, { mem_total: 500, mem_unused: 400, has_cpus: false }),
]);

/** One line of numa-nodes.jsonl, on a host with {@link NODES} or `nodes`. `error` is part of the first message. */
interface Case {
  readonly note: string;
  readonly policy: string;
  readonly nodes?: string | null;
  readonly results?: readonly unknown[];
  readonly error?: string;
}

const cases = readFileSync(new URL('../../cases/numa-nodes.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case);

describe('numa-nodes.jsonl', () => {
  test.each(cases.map((item) => [item.note, item] as const))('%s', (_, { policy, nodes = NODES, results, error }) => {
    const guests = [0, 1, 0, null].map((numa_node, at) => ({
      props: { name: 'abcd'[at], uuid: `u${at}` },
      stats: [{ numa_node }],
    }));
    const line = JSON.stringify({ policy, host: { stats: [{ numa_nodes: nodes }] }, guests });
    const found = runCase(line);
    const [first] = found.errors;
    if (error === undefined) expect({ first, results: found.results }).toEqual({ first: undefined, results });
    else expect(first?.message).toContain(error);
  });
});

describe('the text of nodes', () => {
  it('is read back', () => {
    const nodes = [node(0, { mem_allocatable: 7 }), node(3, { has_cpus: false })];
    expect(nodesIn(nodesText(nodes))).toEqual(nodes);
  });

  it('has as many nodes as Linux can have, or is refused', () => {
    const of = (count: number) => nodesText(Array.from({ length: count }, (_, id) => node(id)));
    expect(nodesIn(of(MAX_NODES))).toHaveLength(MAX_NODES);
    expect(nodesIn(of(MAX_NODES + 1))).toBeNull();
  });

  it.each([[[0, 0]], [[0, 0.5]], [[-1]], [[2 ** 60]]])('is refused with the numbers %j', (ids) => {
    expect(nodesIn(nodesText(ids.map((id) => node(id))))).toBeNull();
  });
});
