import type { Layout } from '../../src/model/field.ts';
import { numberOf } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';
import type { Figures } from '../support/figures.ts';
import { sizeText } from '../support/rulings.ts';

/** The counters of one report of a guest; null: not reported. */
export interface Counters {
  readonly reportS: number;
  readonly swapInKib: number | null;
  readonly majorFaults: number | null;
  readonly allocStalls: number | null;
  readonly oomKills: number | null;
  /** What the guest could not give up at once. */
  readonly usedKib: number | null;
}

export function countersOf(
  { samples }: GuestView,
  layout: Layout,
  { usedKib, reportS }: Figures,
  nowS: number,
): Counters {
  const number = (name: string): number | null => numberOf(layout, samples, name);
  return {
    reportS: reportS ?? nowS,
    swapInKib: number('swap_in'),
    majorFaults: number('major_fault'),
    allocStalls: number('alloc_stall'),
    oomKills: number('oom_kill'),
    usedKib,
  };
}

/** The sign of pain between two reports, with its figures; null: none. Guests set these counters, so they may be anything. */
export function signOf(
  before: Counters,
  now: Counters,
  settings: {
    readonly swap_in: number;
    readonly major_faults: number;
    readonly alloc_stalls: number;
  },
): string | null {
  const seconds = now.reportS - before.reportS;
  // The same report again, or the guest's clock or counters have started anew.
  if (seconds <= 0) return null;
  const gained = (name: 'swapInKib' | 'majorFaults' | 'allocStalls' | 'oomKills'): number => {
    const [from, to] = [before[name], now[name]];
    return from === null || to === null ? 0 : Math.max(0, to - from);
  };
  const kills = gained('oomKills');
  if (kills > 0) return `its OOM killer ended ${kills} ${kills === 1 ? 'process' : 'processes'}`;
  const swapInKib = gained('swapInKib') / seconds;
  if (swapInKib > settings.swap_in) return `it swaps in ${sizeText(swapInKib)} a second`;
  const stalls = gained('allocStalls') / seconds;
  if (stalls > settings.alloc_stalls) return `${Math.round(stalls)} of its allocations a second stall`;
  const faults = gained('majorFaults') / seconds;
  if (faults > settings.major_faults) return `it has ${Math.round(faults)} major faults a second`;
  return null;
}
