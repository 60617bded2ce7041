import type { Analysis } from '../analysis/recording-analysis.ts';
import { nameOf } from './charts/guest.ts';
import { count, duration, share, size } from './figures.ts';
import { html, type Html } from './html.ts';
import type { Times } from './times.ts';

/** Guests that one sentence names. */
const MOST_NAMED = 4;
/** Share of the host's memory below which the least that could be handed out stands out. */
const TIGHT = 0.1;

/** What an operator should see first, the worst first; empty: nothing stands out. */
export function standingOut(analysis: Analysis, idOf: (uuid: string) => string, times: Times): readonly Html[] {
  const { host, guests, holds } = analysis;
  const named = (text: (guest: Analysis['guests'][number]) => string | null): Html | null => {
    const found = guests.flatMap((guest) => {
      const words = text(guest);
      return words === null ? [] : [html`<a href="#${idOf(guest.uuid)}">${nameOf(guest)}</a> ${words}`];
    });
    if (found.length === 0) return null;
    const rest = found.length - MOST_NAMED;
    const first = found.slice(0, MOST_NAMED).flatMap((each, at) => (at === 0 ? [each] : [', ', each]));
    return html`${first}${rest > 0 ? `, and ${rest} more` : null}`;
  };
  const killed = named(({ oomKills }) => (oomKills === 0 ? null : `(${oomKills})`));
  const pained = named(({ painSeconds }) => (painSeconds === 0 ? null : `for ${duration(painSeconds)}`));
  const failed = named(({ failed: writes }) => (writes === 0 ? null : `(${writes})`));
  const found: readonly (Html | null)[] = [
    killed && html`The OOM killer of guests ended processes: ${killed}.`,
    tightest(host, times),
    pained && html`Guests in pain: ${pained}.`,
    failed && html`Writes that were not done: ${failed}.`,
    holds[0] === undefined
      ? null
      : html`Most requests were held back by the guard ${holds[0].guard}: ${count(holds[0].requests, 'request')} of
        ${count(holds[0].guests, 'guest')}, mostly because ${holds[0].why}.`,
    analysis.policyErrors === 0
      ? null
      : html`The policy failed in ${count(analysis.policyErrors, 'place')} of the recording.`,
    analysis.missingSeconds === 0
      ? null
      : html`For ${duration(analysis.missingSeconds)} there are no intervals: charts have gaps there.`,
    analysis.problems === 0
      ? null
      : html`${count(analysis.problems, 'reading')} failed; what is unknown is a gap, not zero.`,
    analysis.clockSetBack === 0
      ? null
      : html`The clock of the host was set back ${count(analysis.clockSetBack, 'time')}.`,
  ];
  return found.filter((each) => each !== null);
}

function tightest({ tightest: moment }: Analysis['host'], times: Times): Html | null {
  const { allocatableKib, totalKib } = moment?.reading ?? { allocatableKib: null, totalKib: null };
  if (moment === null || allocatableKib === null || totalKib === null || allocatableKib >= TIGHT * totalKib)
    return null;
  return html`The host was short of memory: at ${times.short(moment.timeMs)} only ${size(allocatableKib)}
  (${share(allocatableKib, totalKib)}) could be handed out.`;
}
