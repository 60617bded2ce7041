import type { Layout } from './field.ts';

/**
 * Host fields of recordings and policy tests that do not have the field which policies should decide by: made before that
 * field existed, or for MOM's policies.
 */
const PREDECESSORS: Readonly<Record<string, string>> = {
  mem_ordinary: 'mem_available',
  mem_allocatable: 'mem_free',
  guests_rss: 'ksm_shareable',
};

/** A host layout in which a newer field that is missing reads the older one that policies used in its place. */
export function withSuccessors({ names, index }: Layout): Layout {
  const added = Object.entries(PREDECESSORS).flatMap(([name, older]): [string, number][] => {
    const at = index.get(older);
    return at === undefined || index.has(name) ? [] : [[name, at]];
  });
  return { names, index: new Map([...index, ...added]) };
}
