import type { Define, Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import { calledName, type Names } from '../forms/names.ts';

/** A function that reads more names of its callers than this: of the others nothing is handed down. */
const MOST = 64;

/** The names that functions read of whoever calls them: their own, and those of the functions that they call. */
export class FreeNames {
  readonly #free = new Map<Define, Set<string>>();

  constructor(names: Names) {
    const callers = new Map<Define, Set<Define>>();
    const queue: Define[] = [];
    const all = [...names.functions.values()].flat();
    for (const definition of all) {
      const read = new Set<string>();
      const visit = (expression: Expression): void => {
        if (expression.kind === 'variable') read.add(expression.name);
        else if (expression.kind === 'attribute') read.add(expression.root);
        else if (expression.kind === 'method') read.add(expression.callee.root);
        const callee = calledName(expression);
        for (const called of (callee !== null && names.functions.get(callee)) || []) {
          const known = callers.get(called);
          if (known) known.add(definition);
          else callers.set(called, new Set([definition]));
        }
        for (const part of parts(expression)) visit(part);
      };
      visit(definition.body);
      this.#free.set(definition, new Set([...read].filter((name) => !isParameter(definition, name)).slice(0, MOST)));
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
    for (const name of this.of(callee)) if (own.size < MOST && !isParameter(caller, name)) own.add(name);
    return own.size > before;
  }
}

function isParameter({ parameters }: Define, name: string): boolean {
  return Array.isArray(parameters) && parameters.includes(name);
}
