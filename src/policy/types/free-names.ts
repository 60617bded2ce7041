import type { Define, Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { calledFunctions, parametersOf, variableRead } from '../forms/scopes.ts';

/** If a function reads more names of its callers than this, the others get no facts from them. */
const MAX_NAMES = 64;
/** Definitions of one name that are followed at each of its calls; with more, a call can have any result. */
export const MAX_DEFINITIONS = 50;

/** The names that functions read from their callers, directly or through the functions that they call. */
export class FreeNames {
  readonly #free = new Map<Define, Set<string>>();

  constructor(names: Names) {
    const callers = new Map<Define, Set<Define>>();
    const queue: Define[] = [];
    const all = [...names.functions.values()].flat();
    for (const definition of all) {
      const read = new Set<string>();
      const visit = (expression: Expression): void => {
        const name = variableRead(expression);
        if (name !== null) read.add(name);
        const definitions = calledFunctions(expression, names.functions);
        for (const called of definitions.length > MAX_DEFINITIONS ? [] : definitions) {
          const known = callers.get(called);
          if (known) known.add(definition);
          else callers.set(called, new Set([definition]));
        }
        for (const part of parts(expression)) visit(part);
      };
      visit(definition.body);
      this.#free.set(
        definition,
        new Set([...read].filter((name) => !parametersOf(definition).includes(name)).slice(0, MAX_NAMES)),
      );
      queue.push(definition);
    }
    for (let callee = queue.pop(); callee !== undefined; callee = queue.pop()) {
      for (const caller of callers.get(callee) ?? []) if (this.#pass(callee, caller)) queue.push(caller);
    }
  }

  of(definition: Define): ReadonlySet<string> {
    return this.#free.get(definition) ?? new Set();
  }

  #pass(callee: Define, caller: Define): boolean {
    const own = this.#free.get(caller) as Set<string>;
    const before = own.size;
    for (const name of this.of(callee)) if (own.size < MAX_NAMES && !parametersOf(caller).includes(name)) own.add(name);
    return own.size > before;
  }
}
