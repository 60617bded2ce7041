import { PREDEFINED } from '../builtins/function-values.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Expression } from '../forms/forms.ts';
import { beforeLoop, parts } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { bindingsOf, calledName, variableRead } from '../forms/scopes.ts';
import { placeText, type Span } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/** Names defined at the top level, with the index and expression of their first definition in evaluation order. */
type Definitions = ReadonlyMap<string, { readonly at: number; readonly by: Expression }>;

/**
 * Reports top-level expressions that use a name before its definition: they fail in each evaluation. The names that a function uses
 * must exist when it is called. Names that are also defined elsewhere are ignored, because that may have happened before.
 * @param expressions the top level, in evaluation order
 * @param all {@link everythingIn} of them
 */
export function findEarlyUses(
  expressions: readonly Expression[],
  all: readonly Expression[],
  names: Names,
  report: Report,
): void {
  new Order(expressions, all, names, report).check();
}

class Order {
  readonly #expressions: readonly Expression[];
  readonly #functions: Definitions;
  readonly #variables: Definitions;
  readonly #report: Report;
  /** Functions that use no name defined after their first call. */
  readonly #safe = new Set<string>();

  constructor(expressions: readonly Expression[], all: readonly Expression[], names: Names, report: Report) {
    this.#expressions = expressions;
    this.#report = report;
    const elsewhere = namesDefinedElsewhere(expressions, all);
    this.#functions = firstDefinitions(
      expressions,
      (expression) =>
        // A variable of the same name may be called instead.
        expression.kind === 'define' && !names.bound.has(expression.name) ? expression.name : null,
      elsewhere,
    );
    this.#variables = firstDefinitions(
      expressions,
      (expression) => (expression.kind === 'defvar' || expression.kind === 'param' ? expression.name : null),
      elsewhere,
    );
  }

  check(): void {
    for (const [at, expression] of this.#expressions.entries()) {
      if (expression.kind !== 'define') this.#visit(expression, at, true);
    }
  }

  /** @param certain whether it is always evaluated */
  #visit(expression: Expression, at: number, certain: boolean): void {
    const early = this.#earlyUse(expression, at);
    if (early)
      this.#report(certain ? 'error' : 'warning', expression.span, () =>
        catalogue.usedEarly(early.what, early.name, placeText(early.span), null),
      );
    const callee = calledName(expression);
    if (!early && callee !== null && this.#functions.has(callee)) this.#called(callee, expression, at, certain);
    for (const [index, part] of parts(expression).entries()) this.#visit(part, at, certain && runs(expression, index));
  }

  /** Follows a call into functions, whose names must exist at this point. */
  #called(name: string, call: Expression, at: number, certain: boolean): void {
    const seen = new Set<string>();
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next) || this.#safe.has(next)) continue;
      seen.add(next);
      const found = this.#inBody(next, at, waiting);
      if (!found) continue;
      const { what, name: used, span } = found;
      const caller = next;
      return this.#report(certain && next === name && found.certain ? 'error' : 'warning', call.span, () =>
        catalogue.usedEarly(what, used, placeText(span), caller),
      );
    }
    for (const each of seen) this.#safe.add(each);
  }

  /** The first name that the body of a function uses too early. Adds the functions that it calls to `waiting`. */
  #inBody(name: string, at: number, waiting: string[]): (Early & { readonly certain: boolean }) | null {
    const definition = this.#functions.get(name)?.by;
    if (definition?.kind !== 'define') return null;
    const visit = (expression: Expression, certain: boolean): (Early & { readonly certain: boolean }) | null => {
      const early = this.#earlyUse(expression, at);
      if (early) return { ...early, certain };
      const callee = calledName(expression);
      if (callee !== null && this.#functions.has(callee)) waiting.push(callee);
      for (const [index, part] of parts(expression).entries()) {
        const found = visit(part, certain && runs(expression, index));
        if (found) return found;
      }
      return null;
    };
    return visit(definition.body, true);
  }

  #earlyUse(expression: Expression, at: number): Early | null {
    const callee = calledName(expression);
    const made = callee === null ? undefined : this.#functions.get(callee);
    if (callee !== null && made && made.at > at) return { what: 'function', name: callee, span: made.by.span };
    // For the object of a method call, type inference reports unbound names.
    const name = expression.kind === 'method' ? null : variableRead(expression);
    const variable = name === null ? undefined : this.#variables.get(name);
    // A variable does not exist yet while its value is computed.
    return name !== null && variable && variable.at >= at ? { what: 'variable', name, span: variable.by.span } : null;
  }
}

interface Early {
  readonly what: 'function' | 'variable';
  readonly name: string;
  readonly span: Span;
}

/** Whether a part of an expression is evaluated whenever the expression is: in conditional forms only the first, in loops those before the body. */
function runs(expression: Expression, part: number): boolean {
  const { kind } = expression;
  if (kind === 'loop') return part < beforeLoop(expression).length;
  return (
    part === 0 ||
    !(kind === 'if' || kind === 'cond' || kind === 'logic' || kind === 'with' || kind === 'grant' || kind === 'pace')
  );
}

/** The first definition of each name that nothing else defines. */
function firstDefinitions(
  expressions: readonly Expression[],
  nameOf: (expression: Expression) => string | null,
  elsewhere: ReadonlySet<string>,
): Definitions {
  const made = new Map<string, { at: number; by: Expression }>();
  for (const [at, expression] of expressions.entries()) {
    const name = nameOf(expression);
    if (name !== null && !made.has(name) && !elsewhere.has(name) && !PREDEFINED.has(name))
      made.set(name, { at, by: expression });
  }
  return made;
}

/** Names that functions, loops and blocks define: parameters, elements, variables and functions. */
function namesDefinedElsewhere(expressions: readonly Expression[], all: readonly Expression[]): ReadonlySet<string> {
  const top = new Set(expressions);
  const names = new Set<string>();
  for (const each of all) {
    for (const { name, by } of bindingsOf(each))
      if ((by !== 'defvar' && by !== 'param') || !top.has(each)) names.add(name);
    if (each.kind === 'define' && !top.has(each)) names.add(each.name);
  }
  return names;
}
