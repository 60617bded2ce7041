import type { Node } from '../text/ast.ts';
import { BUILTINS } from '../builtins/builtins.ts';
import { METHODS } from '../builtins/methods.ts';

/**
 * Functions of the language that the program redefines. MOM's policies could use every name that MOM lacks, so their
 * definitions take precedence.
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

/** The name of the function that a node defines, going by the node alone. */
export function functionDefined(node: Node): string | null {
  if (node.kind !== 'list') return null;
  const [head, name] = node.items;
  const defines = head?.kind === 'symbol' && BUILTINS.get(head.name)?.form === 'define';
  return defines && name?.kind === 'symbol' ? name.name : null;
}

function mayBeClaimed(name: string): boolean {
  return BUILTINS.get(name)?.since === 'ballast' || METHODS.get(name.split('.', 2)[1] ?? '')?.since === 'ballast';
}
