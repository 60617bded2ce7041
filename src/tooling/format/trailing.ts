import type { Item, Sequence } from './tree.ts';

/**
 * Moves end-of-line comments behind the closing brackets that follow on the next lines, so that these brackets need no
 * lines of their own. Each bracket takes one comment, the outermost first; the order of comments stays.
 */
export function settleTrailing({ items }: Sequence): void {
  for (const item of items) {
    const chain = [item];
    for (let inner = lastIn(item); inner; inner = lastIn(inner)) chain.push(inner);
    const comments = chain.map(({ trailing }) => trailing).filter((text) => text !== null);
    for (const [at, link] of chain.entries()) link.trailing = comments[at] ?? null;
    for (const link of chain)
      if (link.group)
        settleTrailing(lastIn(link) ? { items: link.group.items.slice(0, -1), dangling: [] } : link.group);
  }
}

/** The last item in a bracket, if only closing brackets follow it. */
function lastIn({ group }: Item): Item | undefined {
  return group && group.open !== '{' && group.dangling.length === 0 ? group.items.at(-1) : undefined;
}
