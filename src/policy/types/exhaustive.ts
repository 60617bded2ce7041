import type { Clause, Expression } from '../forms/forms.ts';
import { everythingIn } from '../forms/parts.ts';
import { bindingsOf } from '../forms/scopes.ts';

/**
 * The texts of the parameters with `:one-of` that nothing else in the program binds or changes: such a name always has one of
 * them, wherever it is read.
 */
export function closedChoices(topLevel: readonly Expression[]): ReadonlyMap<string, readonly string[]> {
  const choices = new Map<string, readonly string[]>();
  for (const each of topLevel)
    if (each.kind === 'param' && each.choices)
      choices.set(
        each.name,
        each.choices.map(({ value }) => String(value)),
      );
  if (choices.size === 0) return choices;
  for (const each of everythingIn(topLevel)) {
    if (each.kind === 'assign') choices.delete(each.name);
    for (const { name, by } of bindingsOf(each)) if (by !== 'param') choices.delete(name);
  }
  return choices;
}

/** Whether some clause is always taken, because there is one for each text that a parameter can have. */
export function coversAll(clauses: readonly Clause[], choices: ReadonlyMap<string, readonly string[]>): boolean {
  if (choices.size === 0) return false;
  const compared = clauses.map(({ test }) => (test ? textsIn(test) : null));
  const name = compared[0]?.name;
  const left = new Set(name === undefined ? [] : choices.get(name));
  if (left.size === 0) return false;
  for (const each of compared) if (each?.name === name) each?.texts.forEach((text) => left.delete(text));
  return left.size === 0;
}

/** `(== mode "soft")`, or an `or` of such comparisons with one name; null: another test. */
function textsIn(test: Expression): { readonly name: string; readonly texts: readonly string[] } | null {
  if (test.kind === 'logic' && test.operator === 'or') {
    const all = test.args.map(textsIn);
    const [first] = all;
    return first && all.every((each) => each?.name === first.name)
      ? { name: first.name, texts: all.flatMap((each) => each?.texts ?? []) }
      : null;
  }
  if (test.kind !== 'apply' || test.builtin.name !== 'eq') return null;
  const [variable, text] = test.args;
  return variable?.kind === 'variable' && text?.kind === 'literal' && typeof text.value === 'string'
    ? { name: variable.name, texts: [text.value] }
    : null;
}
