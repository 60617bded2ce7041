import { catalogue } from '../messages/catalogue.ts';
import { diagnostic, type Diagnostic } from '../messages/diagnostics.ts';
import type { Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import type { Node } from '../text/ast.ts';
import type { Span } from '../text/source.ts';

/** Maximum number of expressions compiled a second time. */
const MAX_COPIES = 20_000;

/**
 * If a variable has the name of a form, the form is compiled twice with everything in it: as the form, and as a call of the variable.
 * Nesting doubles the code with each level, so there is a limit, far beyond any real policy.
 */
export function checkHiddenForms(expressions: readonly Expression[], names: Names): readonly Diagnostic[] {
  let copies = 0;
  const exceeding: Outermost[] = [];
  const visit = (expression: Expression, isCopy: boolean, outer: Outermost | null): void => {
    if (isCopy && (copies += 1) > MAX_COPIES && outer) exceeding.push(outer);
    if (exceeding.length > 0) return;
    const hidden = hiddenForm(expression, names);
    const outermost = outer ?? hidden;
    for (const argument of hidden ? names.argumentsOf(hidden) : []) visit(argument, true, outermost);
    for (const part of parts(expression)) visit(part, isCopy, outermost);
    if (expression.kind === 'define') visit(expression.body, isCopy, outermost);
  };
  for (const expression of expressions) visit(expression, false, null);
  return exceeding.slice(0, 1).map(({ head, span }) => diagnostic('check', span, catalogue.tooManyWays(head)));
}

interface Outermost {
  readonly head: string;
  readonly span: Span;
  readonly node: Node;
}

/** A form that a variable may hide. Excludes plain functions, whose arguments are compiled only once. */
function hiddenForm(expression: Expression, names: Names): Outermost | null {
  if (
    !('head' in expression) ||
    expression.head === null ||
    expression.kind === 'apply' ||
    !mayBeHidden(expression.head, names)
  )
    return null;
  const { head, span, node } = expression;
  return { head, span, node };
}
