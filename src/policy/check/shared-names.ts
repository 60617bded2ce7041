import { catalogue } from '../messages/catalogue.ts';
import type { Expression, Held } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { visitByOwner } from '../forms/owners.ts';
import { oneLine } from '../text/one-line.ts';
import { placeText, type Span } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/**
 * Reports `held-for` forms that share a name but not the condition, if both may be evaluated for the same guest or for the host:
 * when the condition of one is false, the timer of the other restarts. Equal conditions may share a name.
 * @param all the expressions, nested ones included
 */
export function findSharedNames(
  expressions: readonly Expression[],
  all: readonly Expression[],
  names: Names,
  report: Report,
): void {
  if (!all.some(({ kind }) => kind === 'held')) return;
  const owners = ownersOfHeld(expressions, names);
  const byName = new Map<string, NamedCondition[]>();
  for (const part of all) {
    if (part.kind !== 'held' || part.key.kind !== 'literal' || typeof part.key.value !== 'string') continue;
    const name = part.key.value;
    const current = { condition: conditionOf(part), owner: owners.get(part) ?? 0, span: part.key.span };
    const before = byName.get(name) ?? [];
    byName.set(name, before);
    const other = before.find(
      ({ condition, owner }) => (owner & current.owner) !== 0 && condition !== current.condition,
    );
    if (other) report('warning', current.span, () => catalogue.sharedName(name, placeText(other.span)));
    const same = before.find(({ condition, owner }) => owner === current.owner && condition === current.condition);
    if (!same) before.push(current);
  }
}

/** The properties of a `held-for` that matter for name clashes. */
interface NamedCondition {
  readonly condition: string;
  readonly owner: number;
  readonly span: Span;
}

function conditionOf({ node }: Held): string {
  const condition = node.kind === 'list' ? node.items[2] : undefined;
  return condition ? oneLine(condition) : '';
}

/** The entities that each `held-for` is evaluated for, as bits: calls of one function may differ. */
function ownersOfHeld(expressions: readonly Expression[], names: Names): ReadonlyMap<Held, number> {
  const held = new Map<Held, number>();
  visitByOwner(expressions, names, (expression, owner) => {
    if (expression.kind === 'held') held.set(expression, (held.get(expression) ?? 0) | owner);
  });
  return held;
}
