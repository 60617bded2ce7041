import { lostSeconds, pagesToMib } from './pain.ts';
import type { RunResult } from './run.ts';

/** The figures of one run, for one cell each. Null: not known. */
export interface Figures {
  /** Real: how much longer the steps of the guests took than on a roomy host. Simulated: how long they waited for memory. */
  readonly lostS: number;
  /** Reads from disk that a task of a guest waited for: from the guest's own swap here. */
  readonly guestMajorFaults: number;
  readonly guestSwapInMib: number;
  /** Time in which some tasks of a guest waited for the guest's own memory, of all guests. */
  readonly guestStalledS: number;
  readonly hostSwapOutMib: number;
  readonly hostSwapInMib: number;
  /** Time in which some guests waited for the host's memory. */
  readonly hostStalledS: number;
  /** By the kernels of guests and host. */
  readonly oomKills: number;
  /** Steps for which a guest had no memory. */
  readonly failedSteps: number | null;
  /** Guests that did not answer any more. */
  readonly lostGuests: number;
  readonly moves: number;
  readonly meanGuestMib: number;
  /** CPU time of the machine that guests did not use: much of it is a sign of a disturbed run. */
  readonly otherCpuS: number | null;
}

export function figuresOf(result: RunResult, roomy: RunResult): Figures {
  const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
    items.reduce((total, item) => total + of(item), 0);
  const { counters, host, works } = result;
  return {
    lostS: lostSeconds(works, roomy.works),
    guestMajorFaults: sum(counters, (guest) => guest?.majorFaults ?? 0),
    guestSwapInMib: pagesToMib(sum(counters, (guest) => guest?.swappedInPages ?? 0)),
    guestStalledS: sum(counters, (guest) => guest?.stalledS ?? 0),
    hostSwapInMib: pagesToMib(host.swappedInPages),
    hostSwapOutMib: pagesToMib(host.swappedOutPages),
    hostStalledS: host.stalledS,
    oomKills: host.oomKills + sum(counters, (guest) => guest?.oomKills ?? 0),
    failedSteps: sum(works, ({ failed }) => failed),
    lostGuests: works.filter(({ answers }, index) => !answers || counters[index] === null).length,
    moves: result.moves,
    meanGuestMib: result.meanGuestMib,
    otherCpuS: host.otherCpuS,
  };
}
