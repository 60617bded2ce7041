import { catalogue } from '../messages/catalogue.ts';
import type { Define, Expression, Held } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { calledFunctions, isListOfGuests } from '../forms/scopes.ts';
import { oneLine } from '../text/one-line.ts';
import { placeText, type Span } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/** The entities that a `held-for` is evaluated for, as bits: calls of one function may differ. */
const HOST = 1;
const GUEST = 2;

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
  const owners = new Owners(names).of(expressions);
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

/** Finds the owners of each `held-for`, also in called functions. */
class Owners {
  readonly #names: Names;
  readonly #held = new Map<Held, number>();
  /** The owners for which a function was visited. */
  readonly #seen = new Map<Define, number>();
  readonly #waiting: { readonly definition: Define; readonly owner: number }[] = [];

  constructor(names: Names) {
    this.#names = names;
  }

  of(expressions: readonly Expression[]): ReadonlyMap<Held, number> {
    for (const expression of expressions) this.#visit(expression, HOST);
    this.#follow();
    // Functions that are never called are for other files, which may call them for any owner.
    for (const definition of [...this.#names.functions.values()].flat())
      if (!this.#seen.has(definition)) this.#call(definition, HOST | GUEST);
    this.#follow();
    return this.#held;
  }

  #follow(): void {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop())
      this.#visit(next.definition.body, next.owner);
  }

  #visit(expression: Expression, owner: number): void {
    if (expression.kind === 'held') this.#held.set(expression, (this.#held.get(expression) ?? 0) | owner);
    for (const definition of calledFunctions(expression, this.#names.functions)) this.#call(definition, owner);
    if (expression.kind === 'with' || (expression.kind === 'loop' && expression.each)) {
      this.#visit(expression.list, owner);
      const body = expression.kind === 'with' ? expression.body : expression.each?.body;
      if (body) this.#visit(body, isListOfGuests(expression.list) ? GUEST : owner | GUEST);
      return;
    }
    for (const part of parts(expression)) this.#visit(part, owner);
  }

  #call(definition: Define, owner: number): void {
    const before = this.#seen.get(definition) ?? 0;
    if ((before | owner) === before) return;
    this.#seen.set(definition, before | owner);
    this.#waiting.push({ definition, owner });
  }
}
