import { mayBeHidden, type Names } from '../forms/names.ts';
import { walk } from '../forms/parts.ts';
import type { Expression, Variable } from '../forms/forms.ts';
import { FOREIGN_DEFINERS } from '../messages/foreign.ts';
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
    const swapped = swappedList(part);
    if (swapped) meant.add(swapped.name);
    if (part.kind === 'define' && !Array.isArray(part.parameters)) takeFrom(part.node);
    // A function of another language, such as (for vm in Guests BODY).
    if (part.kind === 'call' && FOREIGN_DEFINERS.has(part.name) && !names.functions.has(part.name))
      for (const each of part.args)
        walk(each, (inner) => {
          if (inner.kind === 'variable' || inner.kind === 'call') meant.add(inner.name);
        });
    if (part.kind === 'malformed' && part.head !== null && DEFINERS.has(part.head) && !mayBeHidden(part.head, names))
      takeFrom(part.node);
  }
  return meant;
}

/** `(with vm Guests BODY)`: what is written where the list belongs; it was meant as the name of the elements. */
export function swappedList(expression: Expression): Variable | null {
  if (expression.kind !== 'with' && expression.kind !== 'loop') return null;
  const { list } = expression;
  const variable = expression.kind === 'with' ? expression.variable : expression.each?.variable;
  return variable === 'Guests' && list.kind === 'variable' && list.name !== 'Guests' ? list : null;
}

/** `(a > b)`: the misplaced operator has its own error. */
export function isInfix(args: readonly Expression[]): boolean {
  return args.some((each) => each.kind === 'malformed' && each.node.kind === 'operator');
}
