import type { Define, Expression } from './forms.ts';
import type { Names } from './names.ts';
import { calledFunctions, isListOfGuests, parametersOf, scopedParts } from './scopes.ts';

/** The entities that an expression is evaluated for, as bits. Both: the text does not tell. */
export const HOST = 1;
export const GUEST = 2;

/** @param bound the names that are bound around the expression within its function or top-level form */
type Visit = (expression: Expression, owner: number, bound: ReadonlySet<string>) => void;

/** Visits every expression, also in called functions, once for each entity that it may be evaluated for. */
export function visitByOwner(expressions: readonly Expression[], names: Pick<Names, 'functions'>, visit: Visit): void {
  new OwnerWalk(names, visit).walk(expressions);
}

const NONE: ReadonlySet<string> = new Set();

class OwnerWalk {
  readonly #functions: Names['functions'];
  readonly #visit: Visit;
  /** The owners for which a function was visited. */
  readonly #seen = new Map<Define, Set<number>>();
  readonly #waiting: { readonly definition: Define; readonly owner: number }[] = [];

  constructor({ functions }: Pick<Names, 'functions'>, visit: Visit) {
    this.#functions = functions;
    this.#visit = visit;
  }

  walk(expressions: readonly Expression[]): void {
    for (const expression of expressions) this.#enter(expression, HOST, NONE);
    this.#follow();
    // Functions that are never called are for other files, which may call them for any owner.
    for (const definition of [...this.#functions.values()].flat())
      if (!this.#seen.has(definition)) this.#call(definition, HOST | GUEST);
    this.#follow();
  }

  #follow(): void {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop())
      this.#enter(next.definition.body, next.owner, new Set(parametersOf(next.definition)));
  }

  #enter(expression: Expression, owner: number, bound: ReadonlySet<string>): void {
    this.#visit(expression, owner, bound);
    for (const definition of calledFunctions(expression, this.#functions)) this.#call(definition, owner);
    const isLoop = expression.kind === 'with' || (expression.kind === 'loop' && expression.each !== null);
    const inside = isLoop && isListOfGuests(expression.list) ? GUEST : owner | GUEST;
    for (const { part, bound: more } of scopedParts(expression)) {
      const isBody = isLoop && part === (expression.kind === 'with' ? expression.body : expression.each?.body);
      this.#enter(part, isBody ? inside : owner, more.length === 0 ? bound : new Set([...bound, ...more]));
    }
  }

  #call(definition: Define, owner: number): void {
    const before = this.#seen.get(definition) ?? new Set();
    if (before.has(owner)) return;
    this.#seen.set(definition, before.add(owner));
    this.#waiting.push({ definition, owner });
  }
}
