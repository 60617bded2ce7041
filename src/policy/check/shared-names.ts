import { catalogue } from '../messages/catalogue.ts';
import type { Expression } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { visitByOwner } from '../forms/owners.ts';
import type { Node } from '../text/ast.ts';
import { oneLine } from '../text/one-line.ts';
import { placeText, type Span } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/**
 * Reports `held-for` and `hysteresis` forms that share a name but not what they test, if both may be evaluated for the same guest or for
 * the host: when the condition of one is false, the timer of the other restarts. Equal conditions may share a name.
 * @param all the expressions, nested ones included
 */
export function findSharedNames(
  expressions: readonly Expression[],
  all: readonly Expression[],
  names: Names,
  report: Report,
): void {
  if (!all.some((each) => named(each) !== null)) return;
  const owners = ownersOf(expressions, names);
  const byName = new Map<string, NamedCondition[]>();
  for (const part of all) {
    const found = named(part);
    if (found?.key.kind !== 'literal' || typeof found.key.value !== 'string') continue;
    const { form, key, condition } = found;
    const name = found.key.value;
    const current = { condition, owner: owners.get(part) ?? 0, span: key.span };
    const before = byName.get(`${form} ${name}`) ?? [];
    byName.set(`${form} ${name}`, before);
    const other = before.find((each) => (each.owner & current.owner) !== 0 && each.condition !== condition);
    if (other) report('warning', current.span, () => catalogue.sharedName(form, name, placeText(other.span)));
    const same = before.find((each) => each.owner === current.owner && each.condition === condition);
    if (!same) before.push(current);
  }
}

/** The properties of a form that matter for name clashes. */
interface NamedCondition {
  readonly condition: string;
  readonly owner: number;
  readonly span: Span;
}

/** A form that remembers something under a name, and what it tests; null: another expression. */
function named(expression: Expression): { form: string; key: Expression; condition: string } | null {
  if (expression.kind === 'held') {
    const { key, node } = expression;
    return { form: 'held-for', key, condition: textOf(node.kind === 'list' ? node.items.slice(2, 3) : []) };
  }
  if (expression.kind !== 'apply' || expression.builtin.name !== 'hysteresis') return null;
  const { args, node } = expression;
  return { form: 'hysteresis', key: args[0]!, condition: textOf(node.kind === 'list' ? node.items.slice(2) : []) };
}

function textOf(nodes: readonly Node[]): string {
  return nodes.map((each) => oneLine(each)).join(' ');
}

/** The entities that each form is evaluated for, as bits: calls of one function may differ. */
function ownersOf(expressions: readonly Expression[], names: Names): ReadonlyMap<Expression, number> {
  const found = new Map<Expression, number>();
  visitByOwner(expressions, names, (expression, owner) => {
    if (named(expression) !== null) found.set(expression, (found.get(expression) ?? 0) | owner);
  });
  return found;
}
