import type { BurstSpec } from '../scenario/model.ts';

/** Traces with longer steps than this do not show bursts, seconds. */
export const LONG_STEP_S = 60;

/**
 * The rule, from public facts:
 *
 * - 88.1 % of memory overloads last less than two minutes (Overdriver, VEE 2011). Between steps of some minutes they are not seen, and
 *   what is seen is the rest. So for each growth in the trace there are 88.1 / 11.9 = 7.4 bursts that are not in it.
 * - A burst is as large as the growths that the trace has of this guest: their median. (GWA-T-12: the largest growth of a machine in five
 *   minutes has a median of 0.84 GiB.)
 * - It grows by 200 MiB/s, and lasts so long that 88 % of all bursts, of which each lasts half to one and a half times that, end within
 *   two minutes.
 */
const RULE = {
  unseenPerGrowth: 0.881 / (1 - 0.881),
  shortS: 120,
  shortShare: 0.881,
  rateKib: 200 * 1024,
  /** Less than this share of the memory, and than this size, is no growth, KiB. */
  growthShare: 0.01,
  growthLeastKib: 16 * 1024,
  /** Bursts are not more frequent than this, seconds. */
  everyLeastS: 300,
  everyMostS: 744 * 3600,
  /** So much of the memory of the guest stays free at its highest demand with the largest burst. */
  room: 0.05,
} as const;

export interface TimedSize {
  readonly timeMs: number;
  readonly usedKib: number;
}

/** The bursts that a trace with long steps does not show; null: it never grows, or has no room for them. */
export function hiddenBursts(samples: readonly TimedSize[], memoryKib: number): BurstSpec | null {
  const least = Math.max(RULE.growthLeastKib, memoryKib * RULE.growthShare);
  const growths = samples
    .slice(1)
    .map(({ usedKib }, at) => usedKib - samples[at]!.usedKib)
    .filter((growth) => growth >= least)
    .sort((a, b) => a - b);
  if (growths.length === 0) return null;
  // No guest of the trace needed more than it had.
  const mostKib = samples.reduce((most, { usedKib }) => Math.max(most, usedKib), 0);
  const roomKib = memoryKib * (1 - RULE.room) - mostKib;
  const sizeKib = Math.floor(Math.min(growths[Math.floor(growths.length / 2)]!, roomKib / 1.5));
  if (sizeKib < 1024) return null;
  const spanS = (samples.at(-1)!.timeMs - samples[0]!.timeMs) / 1000;
  const everyS = Math.round(spanS / (growths.length * RULE.unseenPerGrowth));
  return {
    everyS: Math.min(RULE.everyMostS, Math.max(RULE.everyLeastS, everyS)),
    ...{ sizeKib, rateKib: RULE.rateKib, lastsS: lastsS(sizeKib) },
  };
}

/** Uniform between half and one and a half times this: the share that ends in time is (rest / lasts) - 1/2. */
function lastsS(sizeKib: number): number {
  const restS = RULE.shortS - sizeKib / RULE.rateKib;
  return Math.max(10, Math.floor(restS / (RULE.shortShare + 0.5)));
}

/** The usual time between two samples, seconds; 0: there are less than two. */
export function stepS(samples: readonly TimedSize[]): number {
  const steps = samples.slice(1).map(({ timeMs }, at) => (timeMs - samples[at]!.timeMs) / 1000);
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}
