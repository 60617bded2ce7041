import type { Node } from '../text/ast.ts';
import { BUILTINS } from '../builtins/builtins.ts';
import { METHODS } from '../builtins/methods.ts';

/**
 * Names of the language's functions that the program defines for itself. MOM's policies could use every name that MOM's
 * language has not: theirs win.
 */
export function claimedNames(nodes: readonly Node[]): ReadonlySet<string> {
  const claimed = new Set<string>();
  const visit = (node: Node): void => {
    const name = functionDefined(node);
    if (name !== null && mayBeClaimed(name)) claimed.add(name);
    if (node.kind === 'list') node.items.forEach(visit);
  };
  nodes.forEach(visit);
  return claimed;
}

/** The function that a node defines, as far as the node itself shows. */
export function functionDefined(node: Node): string | null {
  if (node.kind !== 'list') return null;
  const [head, name] = node.items;
  const defines = head?.kind === 'symbol' && BUILTINS.get(head.name)?.form === 'define';
  return defines && name?.kind === 'symbol' ? name.name : null;
}

function mayBeClaimed(name: string): boolean {
  return BUILTINS.get(name)?.since === 'ballast' || METHODS.get(name.split('.', 2)[1] ?? '')?.since === 'ballast';
}
