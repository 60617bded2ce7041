import type { Measured } from '../simulation/measure.ts';

/** How a figure is written: seconds, KiB, GiB hours, a number, or a share from 0 to 1. */
export type MeasureUnit = 'seconds' | 'kib' | 'gib hours' | 'number' | 'share';

/** A figure that simulations are compared by. */
export interface Measure {
  /** In gates and in JSON. */
  readonly key: string;
  readonly title: string;
  /** What it tells: what guests suffered, what the host gained, or what that took. */
  readonly kind: 'pain' | 'gain' | 'price';
  readonly unit: MeasureUnit;
  /** null: neither is better in itself. */
  readonly better: 'less' | 'more' | null;
  /** null: there is no such figure, for example how unfair waiting is where nobody waited. */
  readonly of: (measured: Measured) => number | null;
}

/** All of them, in the order of tables. */
export const MEASURES: readonly Measure[] = [
  {
    ...{ key: 'stall', title: 'guests waited for memory', kind: 'pain', unit: 'seconds', better: 'less' },
    of: ({ pain }) => pain.stallS,
  },
  {
    ...{ key: 'stall-share', title: 'of their running time', kind: 'pain', unit: 'share', better: 'less' },
    of: stallShare,
  },
  {
    ...{ key: 'refaulted', title: 'read again by guests', kind: 'pain', unit: 'kib', better: 'less' },
    of: ({ pain }) => pain.refaultedKib,
  },
  {
    ...{ key: 'guest-oom', title: 'programs killed in guests', kind: 'pain', unit: 'number', better: 'less' },
    of: ({ pain }) => pain.guestOomKills,
  },
  {
    ...{ key: 'host-oom', title: 'guests killed by the host', kind: 'pain', unit: 'number', better: 'less' },
    of: ({ pain }) => pain.hostOomKills,
  },
  {
    ...{ key: 'swap-out', title: 'swapped out by the host', kind: 'pain', unit: 'kib', better: 'less' },
    of: ({ pain }) => pain.hostSwapOutKib,
  },
  {
    ...{ key: 'swap-in', title: 'swapped in by the host', kind: 'pain', unit: 'kib', better: 'less' },
    of: ({ pain }) => pain.hostSwapInKib,
  },
  {
    ...{ key: 'below-min', title: 'guests below their minimum', kind: 'pain', unit: 'seconds', better: 'less' },
    of: ({ pain }) => pain.belowMinS,
  },
  {
    ...{ key: 'unfairness', title: 'unfairness of the waiting, 0 to 1', kind: 'pain', unit: 'number', better: null },
    of: ({ pain }) => pain.unfairness,
  },
  {
    ...{ key: 'balloon', title: 'given back by balloons', kind: 'gain', unit: 'gib hours', better: 'more' },
    of: ({ gain }) => gain.balloonGibH,
  },
  {
    ...{ key: 'ksm', title: 'saved by KSM', kind: 'gain', unit: 'gib hours', better: 'more' },
    of: ({ gain }) => gain.ksmGibH,
  },
  {
    ...{ key: 'used', title: 'memory in use by guests, on average', kind: 'gain', unit: 'kib', better: 'less' },
    of: ({ gain }) => gain.usedKib,
  },
  {
    ...{ key: 'needed', title: 'of that, needed at best', kind: 'gain', unit: 'share', better: null },
    of: ({ gain, bound }) => (bound === null || gain.usedKib === 0 ? null : bound.meanKib / gain.usedKib),
  },
  {
    ...{ key: 'guests', title: 'guests that ran, on average', kind: 'gain', unit: 'number', better: 'more' },
    of: ({ gain }) => gain.guests,
  },
  {
    ...{ key: 'promised', title: 'promised to them, of the memory of the host', kind: 'gain', unit: 'share' },
    better: null,
    of: ({ gain }) => gain.promised,
  },
  {
    ...{ key: 'moves', title: 'balloons moved', kind: 'price', unit: 'number', better: 'less' },
    of: ({ gain }) => gain.balloonMoves,
  },
  {
    ...{ key: 'ksmd-cpu', title: 'CPU time of ksmd', kind: 'price', unit: 'seconds', better: 'less' },
    of: ({ gain }) => gain.ksmdCpuS,
  },
];

/** How much of the time in which guests ran they waited for memory: what a slowdown is measured by. */
export function stallShare({ pain, guests }: Measured): number | null {
  const ranS = guests.reduce((sum, guest) => sum + guest.ranS, 0);
  return ranS === 0 ? null : pain.stallS / ranS;
}
