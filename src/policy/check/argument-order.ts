import type { Define, Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { calledFunctions, parametersOf, scopedParts, variableRead } from '../forms/scopes.ts';
import { within, type Span } from '../text/source.ts';

/** Maximum number of functions searched for one argument. */
const MAX_FUNCTIONS = 1_000;

/**
 * MOM evaluates the arguments of a call one by one in the callee's scope: if a later argument mentions the name of an
 * earlier parameter, it reads that parameter. Ballast evaluates all arguments in the caller's scope. This finds
 * the arguments where the results can differ.
 */
export class ArgumentOrder {
  readonly #names: Names;
  readonly #free = new Map<Expression, ReadonlySet<string>>();

  constructor(names: Names) {
    this.#names = names;
  }

  captured(
    definitions: readonly Define[],
    args: readonly Expression[],
    call: Span,
  ): readonly { argument: Expression; parameter: string }[] {
    const found: { argument: Expression; parameter: string }[] = [];
    for (const { parameters, span } of definitions) {
      // A function that calls itself names its parameters in the call; its author means their present values.
      if (within(call, span) || !Array.isArray(parameters) || parameters.length !== args.length) continue;
      args.forEach((argument, index) => {
        const earlier = (parameters as readonly string[]).slice(0, index);
        const parameter = earlier.find((name, at) => !isName(args[at], name) && this.#mentions(argument, name));
        if (parameter !== undefined && !found.some((other) => other.argument === argument))
          found.push({ argument, parameter });
      });
    }
    return found;
  }

  /** Whether evaluating an expression reads a variable of the caller, directly or in a called function. */
  #mentions(expression: Expression, name: string): boolean {
    const seen = new Set<Define>();
    const queue: Expression[] = [expression];
    for (let next = queue.pop(); next !== undefined && seen.size < MAX_FUNCTIONS; next = queue.pop()) {
      if (this.#freeNames(next).has(name)) return true;
      for (const definition of this.#callees(next)) {
        const hides = parametersOf(definition).includes(name);
        if (seen.has(definition) || hides) continue;
        seen.add(definition);
        queue.push(definition.body);
      }
    }
    return false;
  }

  #callees(expression: Expression): readonly Define[] {
    const own = calledFunctions(expression, this.#names.functions);
    return [...own, ...parts(expression).flatMap((part) => this.#callees(part))];
  }

  #freeNames(expression: Expression): ReadonlySet<string> {
    const known = this.#free.get(expression);
    if (known) return known;
    const free = new Set<string>();
    collect(expression, new Set(), free);
    this.#free.set(expression, free);
    return free;
  }
}

function isName(expression: Expression | undefined, name: string): boolean {
  return expression?.kind === 'variable' && expression.name === name;
}

/** The free variables that evaluating an expression reads or sets. */
function collect(expression: Expression, bound: ReadonlySet<string>, free: Set<string>): void {
  const name = expression.kind === 'assign' ? expression.name : variableRead(expression);
  if (name !== null && !bound.has(name)) free.add(name);
  for (const { part, bound: inner } of scopedParts(expression))
    collect(part, inner.length === 0 ? bound : new Set([...bound, ...inner]), free);
}
