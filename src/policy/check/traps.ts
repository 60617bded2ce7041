import { findRepeatedValues } from './case-values.ts';
import { findContradictions } from './contradictions.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Define, Expression } from '../forms/forms.ts';
import { beforeLoop, parts, walk } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { calledFunctions, parametersOf, variableRead } from '../forms/scopes.ts';
import { spanText } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/** Methods that decide or store something. */
const ACTIONS: ReadonlySet<string> = new Set(['Control', 'SetVar', '_set_property']);

/** A condition in a hint is not longer than this. */
const SHOWN = 40;

/**
 * Reports actions that look conditional and are not: as a later argument of `and` or `or`, or as an argument of a function that
 * uses it under a condition; bodies that do nothing; timers of the host that decide about a guest; and functions that call themselves for ever.
 */
export function findTraps(
  expressions: readonly Expression[],
  all: readonly Expression[],
  names: Names,
  report: Report,
): void {
  const acting = new Acting(all, names);
  for (const part of all) {
    if (part.kind === 'define' && names.functions.get(part.name)?.length === 1 && alwaysCalls(part.body, part.name))
      report('warning', part.span, () => catalogue.endless(part.name));
    if (part.kind === 'logic') {
      if (part.operator === 'and') findContradictions(part.args, report);
      const { operator, args } = part;
      for (const argument of args.slice(1))
        if (acting.has(argument))
          report('warning', argument.span, () => catalogue.alwaysActs(operator, shown(args[0] as Expression)));
    }
    if (part.kind === 'let' && part.head === 'case') findRepeatedValues(part, report);
    // Several bodies that are not in braces.
    if (part.kind === 'block' && part.head === '')
      for (const body of part.body.slice(0, -1))
        if (!names.hasEffect(body)) report('warning', body.span, () => catalogue.unusedValue());
    if (part.kind !== 'call') continue;
    for (const definition of calledFunctions(part, names.functions)) {
      parametersOf(definition).forEach((parameter, index) => {
        const argument = part.args[index];
        if (argument && acting.has(argument) && isUsedUnderCondition(definition, parameter))
          report('warning', argument.span, () => catalogue.argumentActs(part.name, parameter));
      });
    }
  }
  const params = new Set(all.flatMap((each) => (each.kind === 'param' ? [each.name] : [])));
  const paramIn = (expression: Expression): string | null => paramRead(expression, params, names, new Set());
  for (const expression of expressions) if (expression.kind !== 'define') findHostValues(expression, paramIn, report);
}

function shown(condition: Expression): string {
  const text = spanText(condition.span).replace(/\s+/g, ' ');
  return text.length <= SHOWN ? text : 'CONDITION';
}

/** Which expressions set a control or a stored variable, directly or in a function that they call. */
class Acting {
  readonly #names: Names;
  readonly #functions = new Set<Define>();

  constructor(all: readonly Expression[], names: Names) {
    this.#names = names;
    const definitions = all.filter((each) => each.kind === 'define');
    for (let before = -1; before < this.#functions.size;) {
      before = this.#functions.size;
      for (const each of definitions) if (!this.#functions.has(each) && this.has(each.body)) this.#functions.add(each);
    }
  }

  has(expression: Expression): boolean {
    if (expression.kind === 'method' && ACTIONS.has(expression.callee.attribute)) return true;
    return (
      calledFunctions(expression, this.#names.functions).some((each) => this.#functions.has(each)) ||
      parts(expression).some((part) => this.has(part))
    );
  }
}

/** Whether an expression calls a function however its conditions turn out. */
function alwaysCalls(expression: Expression, name: string): boolean {
  const inAny = (all: readonly Expression[]): boolean => all.some((each) => alwaysCalls(each, name));
  switch (expression.kind) {
    case 'if':
      return (
        inAny([expression.condition]) || [expression.consequent, expression.alternative].every((each) => inAny([each]))
      );
    case 'cond':
      return inAny(expression.clauses.slice(0, 1).flatMap(({ test, body }) => (test ? [test] : body)));
    case 'logic':
      return inAny(expression.args.slice(0, 1));
    case 'with':
      return inAny([expression.list]);
    case 'loop':
      return inAny(beforeLoop(expression));
    case 'grant':
      return inAny([expression.want]);
    case 'pace':
      return inAny([expression.duration]);
    case 'call':
      return expression.name === name || inAny(expression.args);
    default:
      return inAny(parts(expression));
  }
}

/** Whether a parameter is only one of several outcomes: in a branch, or behind another argument of `and` or `or`. */
function isUsedUnderCondition({ body }: Define, parameter: string): boolean {
  let found = false;
  const reads = (expression: Expression): void =>
    walk(expression, (part) => {
      if (variableRead(part) === parameter) found = true;
    });
  walk(body, (part) => {
    if (part.kind === 'if') [part.consequent, part.alternative].forEach(reads);
    if (part.kind === 'cond') part.clauses.flatMap((clause) => clause.body).forEach(reads);
    if (part.kind === 'logic') part.args.slice(1).forEach(reads);
    if (part.kind === 'grant') reads(part.body);
  });
  return found;
}

/** Visits what is evaluated outside of loops, where timers and parameters are the host's. */
function findHostValues(
  expression: Expression,
  paramIn: (expression: Expression) => string | null,
  report: Report,
): void {
  if (expression.kind === 'with') return findHostValues(expression.list, paramIn, report);
  if (expression.kind === 'loop') {
    for (const part of beforeLoop(expression)) findHostValues(part, paramIn, report);
    return;
  }
  if (expression.kind === 'pace') {
    const { mode, body, span } = expression;
    const root = body.map(guestDecidedIn).find((each) => each !== null) ?? null;
    if (root !== null) return report('warning', span, () => catalogue.paceOfHost(mode, root));
  }
  if (expression.kind === 'if') {
    const { condition } = expression;
    const form = rememberingIn(condition);
    const root = form === null ? null : guestDecidedIn(expression.consequent);
    if (form !== null && root !== null) report('warning', condition.span, () => catalogue.paceOfHost(form, root));
  }
  if (expression.kind === 'method') {
    const root = guestDecidedIn(expression);
    const param = root === null ? null : paramIn(expression);
    if (root !== null && param !== null)
      report('warning', expression.callee.span, () => catalogue.paramOfHost(param, root));
  }
  for (const part of parts(expression)) findHostValues(part, paramIn, report);
}

/** The form of a condition that is remembered for the guest of a loop, or for the host; null: another one. */
function rememberingIn(condition: Expression): 'held-for' | 'hysteresis' | null {
  if (condition.kind === 'held') return 'held-for';
  return condition.kind === 'apply' && condition.builtin.name === 'hysteresis' ? 'hysteresis' : null;
}

/** A parameter of the policy that an expression or a function that it calls reads; null: none. */
function paramRead(
  expression: Expression,
  params: ReadonlySet<string>,
  names: Names,
  seen: Set<Define>,
): string | null {
  const name = variableRead(expression);
  if (name !== null && params.has(name)) return name;
  for (const definition of calledFunctions(expression, names.functions)) {
    if (seen.has(definition)) continue;
    seen.add(definition);
    const found = paramRead(definition.body, params, names, seen);
    if (found !== null) return found;
  }
  for (const part of parts(expression)) {
    const found = paramRead(part, params, names, seen);
    if (found !== null) return found;
  }
  return null;
}

/** The variable whose control an expression sets outside of loops, unless it is the host. */
function guestDecidedIn(expression: Expression): string | null {
  if (expression.kind === 'with' || (expression.kind === 'loop' && expression.each)) return null;
  if (expression.kind === 'method' && expression.callee.attribute === 'Control' && expression.callee.root !== 'Host')
    return expression.callee.root;
  return (
    parts(expression)
      .map(guestDecidedIn)
      .find((each) => each !== null) ?? null
  );
}
