import type { SourcePosition } from '../../model/control.ts';
import type { HistoryNeed } from '../../model/history-need.ts';
import type { Expression, Literal, Window } from './forms.ts';
import { paramRead } from './scopes.ts';
import { OVER_DAYS } from './statistics-need.ts';

/**
 * How far back `:last` and `:over` look: by literals, and by parameters up to their `:max`, or by default without one. What is
 * only calculated during the evaluation does not count.
 * @param all every expression of the program
 */
export function historyNeed(
  all: readonly Expression[],
  positionOf: (window: Window) => SourcePosition | null,
): HistoryNeed {
  const params = new Map(all.flatMap((each) => (each.kind === 'param' ? [[each.name, each.max ?? each.value]] : [])));
  let [samples, seconds] = [0, 0];
  let [samplesAt, secondsAt]: (Window | null)[] = [null, null];
  for (const expression of all) {
    if (expression.kind !== 'method' || expression.window === null) continue;
    if (OVER_DAYS.has(expression.callee.attribute)) continue;
    const { window } = expression;
    const size = sizeOf(window.value, params);
    if (window.kind === 'last' && size > samples) [samples, samplesAt] = [size, window];
    if (window.kind === 'over' && size > seconds) [seconds, secondsAt] = [size, window];
  }
  const longest = secondsAt ?? samplesAt ?? null;
  return { samples, seconds, position: longest && positionOf(longest) };
}

function sizeOf(value: Expression, params: ReadonlyMap<string, Literal>): number {
  const param = value.kind === 'variable' ? value.name : paramRead(value);
  const literal = param === null ? value : params.get(param);
  return literal?.kind === 'literal' && typeof literal.value === 'number' ? literal.value : 0;
}
