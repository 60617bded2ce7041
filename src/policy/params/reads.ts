import type { Expression } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { GUEST, HOST, visitByOwner } from '../forms/owners.ts';
import { variableRead } from '../forms/scopes.ts';
import { placeText, type Span } from '../text/source.ts';

/** Where a program reads a parameter. */
export interface ParamReads {
  /** Whether it may be read inside of a loop over guests, where the value of a single guest applies. */
  readonly byGuest: boolean;
  /** The first place outside of such loops, where only the value for all applies: `FILE:LINE:COLUMN`; null: none. */
  readonly outside: string | null;
}

export function paramReads(
  expressions: readonly Expression[],
  names: Names,
  params: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, ParamReads> {
  if (params.size === 0) return new Map();
  const reads = new Map<string, { byGuest: boolean; outside: Span | null }>();
  visitByOwner(expressions, names, (expression, owner, bound) => {
    const name = variableRead(expression);
    if (name === null || !params.has(name) || bound.has(name)) return;
    const found = reads.get(name) ?? { byGuest: false, outside: null };
    reads.set(name, found);
    if ((owner & GUEST) !== 0) found.byGuest = true;
    if (owner === HOST) found.outside ??= expression.span;
  });
  return new Map(
    [...reads].map(([name, { byGuest, outside }]) => [name, { byGuest, outside: outside && placeText(outside) }]),
  );
}
