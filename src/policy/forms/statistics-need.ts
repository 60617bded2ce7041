import type { StatisticsNeed } from '../../model/past.ts';
import type { Expression } from './forms.ts';

/** Methods over the complete hours of the last days. */
export const OVER_DAYS: ReadonlySet<string> = new Set(['StatPercentile', 'StatSameHour']);

/** The fields of which a program reads statistics over days. @param all every expression of the program */
export function statisticsNeed(all: readonly Expression[]): StatisticsNeed {
  const [host, guest] = [new Set<string>(), new Set<string>()];
  for (const expression of all) {
    if (expression.kind !== 'method' || !OVER_DAYS.has(expression.callee.attribute)) continue;
    const [name] = expression.args;
    if (name?.kind !== 'literal' || typeof name.value !== 'string') continue;
    host.add(name.value);
    // Another name may stand for the host too.
    if (expression.callee.root !== 'Host') guest.add(name.value);
  }
  return { host: [...host], guest: [...guest] };
}
