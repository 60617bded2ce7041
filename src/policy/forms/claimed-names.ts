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
    if (node.kind !== 'list') return;
    const [head, name] = node.items;
    const defines = head?.kind === 'symbol' && (head.name === 'def' || head.name === 'defun');
    if (defines && name?.kind === 'symbol' && mayBeClaimed(name.name)) claimed.add(name.name);
    node.items.forEach(visit);
  };
  nodes.forEach(visit);
  return claimed;
}

function mayBeClaimed(name: string): boolean {
  return BUILTINS.get(name)?.since === 'ballast' || METHODS.get(name.split('.', 2)[1] ?? '')?.since === 'ballast';
}
