import { BUILTINS } from '../builtins/builtins.ts';
import { PREDEFINED } from '../builtins/function-values.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Define, Defvar, Expression, MethodCall } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { calledFunctions, calledName, parametersOf, paramRead, variableRead } from '../forms/scopes.ts';
import type { Node } from '../text/ast.ts';
import type { Span } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/**
 * Reports unused variables, parameters and functions, and parameters that shadow a top-level variable.
 * @param expressions the top level
 * @param all {@link everythingIn} of them
 */
export function findUnused(
  expressions: readonly Expression[],
  all: readonly Expression[],
  names: Names,
  report: Report,
): void {
  const uses = usesIn(all);
  const globals = globalNames(expressions);
  const decides = expressions.some(({ kind }) => kind !== 'define' && kind !== 'defvar' && kind !== 'param');
  const unused = (what: string, name: string, span: Span): void =>
    report('warning', span, () => catalogue.unusedName(what, name));
  for (const part of all) {
    switch (part.kind) {
      // A program with only definitions is for other files.
      case 'defvar':
        if (decides && isUnused(part.name, uses)) unused('variable', part.name, nameSpan(part));
        break;
      case 'param':
        if (decides && isUnused(part.name, uses)) unused('parameter', part.name, part.nameSpan);
        break;
      case 'let':
        for (const { name, span } of part.bindings) if (isUnused(name, uses)) unused('variable', name, span);
        break;
      case 'loop':
        if (part.carried && part.carried.name !== null && isUnused(part.carried.name, uses))
          unused('variable', part.carried.name, part.carried.span);
        break;
      case 'grant':
        if (isUnused(part.name, uses)) unused('variable', part.name, part.nameSpan);
        break;
      case 'define':
        // A hidden function has a warning of its own.
        if (BUILTINS.get(part.name)?.since !== 'mom' && !PREDEFINED.has(part.name))
          inspectFunction(part, names, uses, globals, decides, report);
        break;
      default:
        break;
    }
  }
}

interface Uses {
  readonly read: ReadonlySet<string>;
  readonly called: ReadonlySet<string>;
}

function usesIn(all: readonly Expression[]): Uses {
  const read = new Set<string>();
  const called = new Set<string>();
  for (const part of all) {
    for (const name of namesRead(part)) read.add(name);
    const callee = calledName(part);
    if (callee !== null) called.add(callee);
    if (part.kind === 'malformed') for (const name of namesIn(part.node)) called.add(name);
  }
  return { read, called };
}

function namesRead(expression: Expression): readonly string[] {
  if (expression.kind === 'malformed') return namesIn(expression.node);
  const param = paramRead(expression);
  if (param !== null) return [param, (expression as MethodCall).callee.root];
  // A variable may hold the called function or hide a builtin.
  const head = expression.kind === 'call' ? expression.name : 'head' in expression ? expression.head : null;
  const name = variableRead(expression) ?? head;
  return name === null ? [] : [name];
}

/** All names in an invalid form: they may be used once it is fixed. */
function namesIn(node: Node): readonly string[] {
  if (node.kind === 'symbol') return [node.name, node.name.split('.', 1)[0] as string];
  return node.kind === 'list' ? node.items.flatMap(namesIn) : [];
}

function globalNames(expressions: readonly Expression[]): ReadonlySet<string> {
  const names = new Set<string>(PREDEFINED);
  for (const expression of expressions)
    if (expression.kind === 'defvar' || expression.kind === 'param') names.add(expression.name);
  return names;
}

function isUnused(name: string, { read }: Uses): boolean {
  return !name.startsWith('_') && !read.has(name);
}

function inspectFunction(
  definition: Define,
  names: Names,
  uses: Uses,
  globals: ReadonlySet<string>,
  decides: boolean,
  report: Report,
): void {
  const { name, span } = definition;
  if (decides && !name.startsWith('_') && !uses.called.has(name))
    report('warning', nameSpan(definition), () => catalogue.unusedFunction(name));
  const spans = parameterSpans(definition);
  parametersOf(definition).forEach((parameter, index) => {
    const at = spans[index] ?? span;
    if (isUnused(parameter, uses) || isUnreadInside(definition, parameter, names))
      report('warning', at, () => catalogue.unusedName('parameter', parameter));
    if (globals.has(parameter)) {
      const what = PREDEFINED.has(parameter) ? `${parameter} of the language` : 'a variable of the top level';
      report('warning', at, () => catalogue.hidesGlobal(parameter, name, what));
    }
  });
}

/** Whether neither the body nor the functions that it calls can read a parameter: called functions see their caller's variables. */
function isUnreadInside({ body }: Define, parameter: string, names: Names): boolean {
  if (parameter.startsWith('_')) return false;
  let used = false;
  const visit = (part: Expression): void => {
    if (used) return;
    used =
      part.kind === 'malformed' ||
      namesRead(part).includes(parameter) ||
      calledFunctions(part, names.functions).length > 0 ||
      part.kind === 'define';
    for (const inner of parts(part)) visit(inner);
  };
  visit(body);
  return !used;
}

/** The span of the defined name. */
function nameSpan({ node, span }: Define | Defvar): Span {
  return (node.kind === 'list' ? node.items[1]?.span : undefined) ?? span;
}

function parameterSpans({ node }: Define): readonly Span[] {
  const list = node.kind === 'list' ? node.items[2] : undefined;
  return list?.kind === 'list' ? list.items.map(({ span }) => span) : [];
}
