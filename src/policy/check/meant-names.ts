import { mayBeHidden, type Names } from '../forms/names.ts';
import type { Expression } from '../forms/forms.ts';
import type { Node } from '../text/ast.ts';

/** Forms that define names. */
const DEFINERS: ReadonlySet<string> = new Set(['def', 'defun', 'defvar', 'let', 'param', 'with']);

/**
 * Names that malformed forms were meant to define, such as `shrink` in `(def shrink (vm))`. The malformed form is reported; errors
 * about uses of the name would only follow from it.
 * @param all the expressions of the program, nested ones included
 */
export function meantNames(all: readonly Expression[], names: Names): ReadonlySet<string> {
  const meant = new Set<string>();
  const take = (node: Node | undefined, depth: number): void => {
    if (node?.kind === 'symbol') meant.add(node.name);
    else if (node?.kind === 'list' && depth > 0) for (const item of node.items) take(item, depth - 1);
  };
  /** The first two parts of a form: its name and parameters, or the bindings of a `let`. */
  const takeFrom = (node: Node): void => {
    if (node.kind === 'list') for (const part of node.items.slice(1, 3)) take(part, 2);
  };
  for (const part of all) {
    if (part.kind === 'define' && !Array.isArray(part.parameters)) takeFrom(part.node);
    if (part.kind === 'malformed' && part.head !== null && DEFINERS.has(part.head) && !mayBeHidden(part.head, names))
      takeFrom(part.node);
  }
  return meant;
}
