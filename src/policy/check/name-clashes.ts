import { BUILTINS } from '../builtins/builtins.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Defvar, Expression } from '../forms/forms.ts';
import { walk } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { bindingsOf, type Binding, variableRead } from '../forms/scopes.ts';
import { placeText, type Span } from '../text/source.ts';
import { swappedList } from './meant-names.ts';
import type { Report } from '../messages/report.ts';

const WHAT: Readonly<Record<Binding['by'], string>> = {
  let: 'variable',
  defvar: 'variable',
  param: 'parameter',
  parameter: 'parameter',
  element: 'loop variable',
};

/**
 * Reports names that mean two things: a variable with the name of a function, a variable of a scope called Host or Guests, a
 * loop variable with the name of one of the policy,
 * and a second `defvar` in one file, which changes nothing. In a later file it is a default, as in MOM.
 */
export function findNameClashes(
  files: readonly (readonly Expression[])[],
  all: readonly Expression[],
  names: Names,
  report: Report,
): void {
  const calledBuiltins = new Set(
    all.flatMap((each) => ('head' in each && each.head !== null && isOfMom(each.head) ? [each.head] : [])),
  );
  const variables = new Map(
    files.flat().flatMap((each) => (each.kind === 'defvar' || each.kind === 'param' ? [[each.name, each.span]] : [])),
  );
  for (const each of all) {
    bindingsOf(each).forEach(({ name, by, value }, index) => {
      const span = spanOf(each, index);
      const variable = by === 'element' ? variables.get(name) : undefined;
      if (variable) report('warning', span, () => catalogue.hidesVariable(name, placeText(variable)));
      // `(let ((say debug)) …)` holds a function, and so may a parameter.
      const isCalled = by !== 'parameter' || (each.kind === 'define' && calls(each.body, name));
      if (
        (names.functions.has(name) || calledBuiltins.has(name)) &&
        isCalled &&
        value?.kind !== 'variable' &&
        value?.kind !== 'attribute'
      )
        report('warning', span, () => catalogue.nameOfFunction(WHAT[by], name));
      // Where list and name are exchanged, the error says so.
      if ((name === 'Host' || name === 'Guests') && (by === 'let' || (by === 'element' && swappedList(each) === null)))
        report('warning', span, () => catalogue.hidesPredefined(name));
    });
  }
  const lost = new Set<Defvar>();
  for (const each of all) {
    const body = each.kind === 'with' ? each.body : each.kind === 'loop' ? each.each?.body : undefined;
    if (body) for (const defvar of lostIn(body)) if (variables.has(defvar.name)) lost.add(defvar);
  }
  for (const { name, span } of lost)
    report('warning', span, () => catalogue.lostValue(name, placeText(variables.get(name) as Span)));
  for (const file of files) {
    const first = new Map<string, Span>();
    for (const each of file) {
      if (each.kind !== 'defvar') continue;
      const before = first.get(each.name);
      if (before) report('warning', each.span, () => catalogue.noEffect(each.name, placeText(before)));
      else first.set(each.name, each.span);
    }
  }
}

/** What a loop adds up with `defvar` instead of `set`: the value is computed from the name and read nowhere else in the loop. */
function lostIn(body: Expression): readonly Defvar[] {
  const defvars: Defvar[] = [];
  walk(body, (part) => {
    if (part.kind === 'defvar') defvars.push(part);
  });
  return defvars.filter(
    ({ name, value }) =>
      reads(value, name) > 0 &&
      defvars.filter((each) => each.name === name).length === 1 &&
      reads(value, name) === reads(body, name),
  );
}

function reads(expression: Expression, name: string): number {
  let count = 0;
  walk(expression, (part) => {
    if (variableRead(part) === name) count += 1;
  });
  return count;
}

/** Whether any variable of the name hides the builtin; extensions give way only to what can be called. */
function isOfMom(head: string): boolean {
  return BUILTINS.get(head)?.since === 'mom';
}

function calls(body: Expression, name: string): boolean {
  let found = false;
  walk(body, (part) => {
    if (part.kind === 'call' && part.name === name) found = true;
  });
  return found;
}

/** The place of a bound name; the whole form if it has none of its own. */
function spanOf(expression: Expression, index: number): Span {
  if (expression.kind === 'let') return expression.bindings[index]?.span ?? expression.span;
  if (expression.kind === 'param') return expression.nameSpan;
  if (expression.kind === 'grant') return expression.nameSpan;
  if (expression.kind === 'loop') return (index === 0 ? expression.each : expression.carried)?.span ?? expression.span;
  const node = 'node' in expression ? expression.node : null;
  const items = node?.kind === 'list' ? node.items : [];
  const at = expression.kind === 'with' ? 2 : 1;
  return items[at]?.span ?? expression.span;
}
