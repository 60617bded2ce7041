import { PAGE_KIB } from '../../src/simulation/constants.ts';
import { gained, movesOf } from './measures.ts';
import type { Observed } from './observed.ts';

/** Less than so many pages, and the time that they took cannot be told from other things. */
const LEAST_PAGES = 1000;

/** What a page costs that a guest reads from its swap, and one that it writes, microseconds that tasks waited. */
export function swapCosts(observed: Observed): { readonly in: readonly number[]; readonly out: readonly number[] } {
  const moves = movesOf(observed);
  const [down, up] = [moves.find(({ fromMib, toMib }) => toMib < fromMib), moves.find(({ fromMib, toMib }) => toMib > fromMib)]; // prettier-ignore
  const guest = observed.guests[down?.guest ?? ''];
  if (down === undefined || up === undefined || guest === undefined) return { in: [], out: [] };
  const pagesIn = (from: number, to: number): number => (gained(guest.swapIn, from, to) ?? 0) / PAGE_KIB;
  const stalledUs = (from: number, to: number): number => (gained(guest.stallMs, from, to) ?? 0) * 1000;
  // With room again, programs only read. Before that, each page that is read drives out another.
  const roomy = [Math.ceil(up.endedMs / 1000) + 2, observed.plan.seconds - 2] as const;
  const tight = [Math.ceil(down.endedMs / 1000) + 2, Math.floor(up.beganMs / 1000) - 1] as const;
  if (pagesIn(...roomy) < LEAST_PAGES) return { in: [], out: [] };
  const inUs = stalledUs(...roomy) / pagesIn(...roomy);
  const pagesOut = (gained(guest.swapOut, ...tight) ?? 0) / PAGE_KIB;
  const outUs = Math.max(0, stalledUs(...tight) - inUs * pagesIn(...tight)) / Math.max(1, pagesOut);
  return { in: [inUs], out: pagesOut < LEAST_PAGES ? [] : [outUs] };
}
