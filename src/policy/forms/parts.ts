import type { Expression, Loop } from './forms.ts';

/** The direct parts that are evaluated with an expression, in order. Excludes a function's body, which runs only when called. */
export function parts(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'variable':
    case 'attribute':
    case 'define':
    case 'malformed':
      return [];
    case 'if':
      return [expression.condition, expression.consequent, expression.alternative];
    case 'let':
      return [...expression.bindings.map(({ value }) => value), ...expression.body];
    case 'with':
      return [expression.list, expression.body];
    case 'defvar':
    case 'assign':
      return [expression.value];
    case 'logic':
    case 'apply':
    case 'call':
      return expression.args;
    case 'method':
      return expression.window ? [...expression.args, expression.window.value] : expression.args;
    case 'cond':
      return expression.clauses.flatMap(({ test, body }) => (test ? [test, ...body] : body));
    case 'loop':
      return [...beforeLoop(expression), ...(expression.each ? [expression.each.body] : [])];
    case 'grant':
      return [expression.want, expression.body];
    case 'because':
      return [expression.reason, ...expression.body];
    case 'param':
      return [];
    case 'held':
      return [expression.key, expression.condition, expression.duration];
    case 'pace':
      return [expression.duration, ...expression.body];
    case 'block':
      return expression.body;
    default:
      return unreachable(expression);
  }
}

/** The parts of a loop that are evaluated once, before its first element, in order. */
export function beforeLoop({ operation, list, carried }: Loop): readonly Expression[] {
  if (carried === null) return [list];
  return operation === 'hand-out' ? [carried.initial, list] : [list, carried.initial];
}

/** The expression with its {@link parts} replaced; the same object if nothing changes. A function's body counts as a part too. */
export function mapParts(expression: Expression, map: (part: Expression) => Expression): Expression {
  const all = (items: readonly Expression[]): readonly Expression[] => {
    const mapped = items.map(map);
    return mapped.every((item, at) => item === items[at]) ? items : mapped;
  };
  const changed = <T extends Expression>(original: T, copy: T): T =>
    (Object.keys(copy) as (keyof T)[]).every((key) => copy[key] === original[key]) ? original : copy;
  switch (expression.kind) {
    case 'literal':
    case 'variable':
    case 'attribute':
    case 'malformed':
    case 'param':
      return expression;
    case 'define':
      return changed(expression, { ...expression, body: map(expression.body) });
    case 'if':
      return changed(expression, {
        ...expression,
        condition: map(expression.condition),
        consequent: map(expression.consequent),
        alternative: map(expression.alternative),
      });
    case 'let': {
      const values = all(expression.bindings.map(({ value }) => value));
      const bindings = expression.bindings.map((binding, at) => ({ ...binding, value: values[at] as Expression }));
      const same = bindings.every(({ value }, at) => value === expression.bindings[at]?.value);
      return changed(expression, {
        ...expression,
        bindings: same ? expression.bindings : bindings,
        body: all(expression.body),
      });
    }
    case 'with':
      return changed(expression, { ...expression, body: map(expression.body) });
    case 'defvar':
    case 'assign':
      return changed(expression, { ...expression, value: map(expression.value) });
    case 'logic':
    case 'apply':
    case 'call':
      return changed(expression, { ...expression, args: all(expression.args) });
    case 'method': {
      const { window } = expression;
      const value = window && map(window.value);
      return changed(expression, {
        ...expression,
        args: all(expression.args),
        window: value === window?.value ? window : window && { ...window, value: value as Expression },
      });
    }
    case 'cond': {
      const clauses = expression.clauses.map((clause) => ({
        ...clause,
        test: clause.test && map(clause.test),
        body: all(clause.body),
      }));
      const same = clauses.every(
        ({ test, body }, at) => test === expression.clauses[at]?.test && body === expression.clauses[at]?.body,
      );
      return same ? expression : { ...expression, clauses };
    }
    case 'loop': {
      const { each, carried } = expression;
      const body = each && map(each.body);
      const initial = carried && map(carried.initial);
      return changed(expression, {
        ...expression,
        list: map(expression.list),
        each: body === (each?.body ?? null) ? each : each && { ...each, body: body as Expression },
        carried:
          initial === (carried?.initial ?? null) ? carried : carried && { ...carried, initial: initial as Expression },
      });
    }
    case 'grant':
      return changed(expression, { ...expression, want: map(expression.want), body: map(expression.body) });
    case 'because':
      return changed(expression, { ...expression, reason: map(expression.reason), body: all(expression.body) });
    case 'held':
      return changed(expression, {
        ...expression,
        key: map(expression.key),
        condition: map(expression.condition),
        duration: map(expression.duration),
      });
    case 'pace':
      return changed(expression, { ...expression, duration: map(expression.duration), body: all(expression.body) });
    case 'block':
      return changed(expression, { ...expression, body: all(expression.body) });
    default:
      return unreachable(expression);
  }
}

export function unreachable(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}

/** Expressions with all nested ones, functions' bodies included, in the order of {@link walk}. Avoids repeated walks. */
export function everythingIn(expressions: readonly Expression[]): readonly Expression[] {
  const all: Expression[] = [];
  const take = (expression: Expression): void => void all.push(expression);
  for (const expression of expressions) walk(expression, take);
  return all;
}

/** Visits an expression and all nested ones, functions' bodies included. */
export function walk(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression);
  for (const part of parts(expression)) walk(part, visit);
  if (expression.kind === 'define') walk(expression.body, visit);
}
