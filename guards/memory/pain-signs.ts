import type { Layout } from '../../src/model/field.ts';
import { signOfPain, type PainCounters, type PainLimits } from '../../src/model/pain-signs.ts';
import { columnsOf, numberAt } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';
import type { Figures } from '../support/figures.ts';
import { sizeText } from '../support/rulings.ts';

/** The counters of one report of a guest; null: not reported. */
export interface Counters extends PainCounters {
  /** What the guest could not give up at once. */
  readonly usedKib: number | null;
}

const columns = columnsOf(['swap_in', 'major_fault', 'alloc_stall', 'oom_kill']);

export function countersOf(
  { samples }: GuestView,
  layout: Layout,
  { usedKib, reportS }: Figures,
  nowS: number,
): Counters {
  const sample = samples.at(-1);
  const at = columns(layout);
  return {
    reportS: reportS ?? nowS,
    swapInKib: numberAt(sample, at.swap_in),
    majorFaults: numberAt(sample, at.major_fault),
    allocStalls: numberAt(sample, at.alloc_stall),
    oomKills: numberAt(sample, at.oom_kill),
    usedKib,
  };
}

/** A sign of pain in words, with its figures. */
export interface SignText {
  readonly text: string;
  /** Programs ended in the guest: what they used is free again, and they will want it again. */
  readonly isKill: boolean;
}

/** The sign of pain between two reports; null: none. */
export function signOf(before: Counters, now: Counters, settings: PainLimits): SignText | null {
  const sign = signOfPain(before, now, settings);
  return sign === null ? null : { text: textOf(sign), isKill: sign.kind === 'oom' };
}

function textOf(sign: NonNullable<ReturnType<typeof signOfPain>>): string {
  switch (sign.kind) {
    case 'oom':
      return `its OOM killer ended ${sign.figure} ${sign.figure === 1 ? 'process' : 'processes'}`;
    case 'swap-in':
      return `it swaps in ${sizeText(sign.figure)} a second`;
    case 'stalls':
      return `${Math.round(sign.figure)} of its allocations a second stall`;
    case 'faults':
      return `it has ${Math.round(sign.figure)} major faults a second`;
  }
}
