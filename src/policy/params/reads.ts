import type { Expression } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { GUEST, HOST, visitByOwner } from '../forms/owners.ts';
import { paramRead, variableRead } from '../forms/scopes.ts';
import { placeText, type Span } from '../text/source.ts';

/** Where a program reads a parameter. */
export interface ParamReads {
  /** Whether it may be read inside of a loop over guests, where the value of a single guest applies. */
  readonly byGuest: boolean;
  /** The first place outside of such loops, where only the value for all applies: `FILE:LINE:COLUMN`; null: none. */
  readonly outside: string | null;
  /** The texts that it is compared with; null: it is used in another way too. */
  readonly comparedWith: readonly string[] | null;
}

export function paramReads(
  expressions: readonly Expression[],
  names: Names,
  params: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, ParamReads> {
  if (params.size === 0) return new Map();
  const reads = new Map<string, { byGuest: boolean; outside: Span | null; count: number }>();
  const compared = new Map<string, string[]>();
  visitByOwner(expressions, names, (expression, owner, bound) => {
    const comparison = comparedText(expression);
    if (comparison) compared.set(comparison.name, [...(compared.get(comparison.name) ?? []), comparison.text]);
    const own = paramRead(expression);
    if (own !== null && params.has(own)) {
      const found = reads.get(own) ?? { byGuest: false, outside: null, count: 0 };
      reads.set(own, found);
      found.count += 1;
      if (variableRead(expression) === 'Host') found.outside ??= expression.span;
      else found.byGuest = true;
    }
    const name = variableRead(expression);
    if (name === null || !params.has(name) || bound.has(name)) return;
    const found = reads.get(name) ?? { byGuest: false, outside: null, count: 0 };
    reads.set(name, found);
    found.count += 1;
    if ((owner & GUEST) !== 0) found.byGuest = true;
    if (owner === HOST) found.outside ??= expression.span;
  });
  return new Map(
    [...reads].map(([name, { byGuest, outside, count }]) => {
      const texts = compared.get(name) ?? [];
      const comparedWith = texts.length === count ? [...new Set(texts)].sort() : null;
      return [name, { byGuest, outside: outside && placeText(outside), comparedWith }];
    }),
  );
}

/** `(== mode "hard")`: the variable and the text. */
function comparedText(expression: Expression): { readonly name: string; readonly text: string } | null {
  if (expression.kind !== 'apply' || (expression.builtin.name !== 'eq' && expression.builtin.name !== 'neq'))
    return null;
  const variable = expression.args.find(({ kind }) => kind === 'variable');
  const literal = expression.args.find(({ kind }) => kind === 'literal');
  return variable?.kind === 'variable' && literal?.kind === 'literal' && typeof literal.value === 'string'
    ? { name: variable.name, text: literal.value }
    : null;
}
