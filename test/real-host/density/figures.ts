import { lostSeconds, pagesToMib } from './pain.ts';
import type { RunResult } from './run.ts';

/** The figures of one run, for one cell each. */
export interface Figures {
  /** Compared with a roomy host. */
  readonly lostS: number;
  readonly guestSwapInMib: number;
  readonly hostSwapInMib: number;
  readonly hostSwapOutMib: number;
  /** Time in which some guests waited for the host's memory. */
  readonly hostStalledS: number;
  /** By the kernels of guests and host. */
  readonly oomKills: number;
  /** Steps for which a guest had no memory. */
  readonly failedSteps: number;
  /** Guests that did not answer any more. */
  readonly lostGuests: number;
  readonly moves: number;
  readonly meanGuestMib: number;
}

export function figuresOf(result: RunResult, roomy: RunResult): Figures {
  const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
    items.reduce((total, item) => total + of(item), 0);
  return {
    lostS: lostSeconds(result.works, roomy.works),
    guestSwapInMib: pagesToMib(sum(result.counters, (counters) => counters?.swappedInPages ?? 0)),
    hostSwapInMib: pagesToMib(result.host.swappedInPages),
    hostSwapOutMib: pagesToMib(result.host.swappedOutPages),
    hostStalledS: result.host.stalledS,
    oomKills: result.host.oomKills + sum(result.counters, (counters) => counters?.oomKills ?? 0),
    failedSteps: sum(result.works, ({ failed }) => failed),
    lostGuests: result.works.filter(({ answers }, index) => !answers || result.counters[index] === null).length,
    moves: result.moves,
    meanGuestMib: result.meanGuestMib,
  };
}
