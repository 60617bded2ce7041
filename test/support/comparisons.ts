import { compare, type Comparison, type HostSeries, type Measured, type Run } from '../../src/comparison/comparison.ts';

const GIB = 1024 ** 2;

export interface ComparisonOptions {
  readonly scenarios?: readonly string[];
  readonly policies?: readonly string[];
  readonly seeds?: number;
  readonly steps?: number;
  readonly story?: string;
  /** Whether the bound is known. */
  readonly bound?: boolean;
}

/**
 * A comparison as simulations could have made it: the more to the right a policy is, the less memory guests take and the less they wait;
 * with the first one guests are killed. The second scenario has no pain.
 */
export function madeComparison({
  scenarios = ['busy', 'quiet'],
  policies = ['none', 'mom-balloon+mom-ksm', 'ksmtuned'],
  seeds = 3,
  steps = 288,
  story = 'A host that is short.',
  bound = false,
}: ComparisonOptions = {}): Comparison {
  const all = Array.from({ length: seeds }, (_, at) => at + 1);
  const runs = all.flatMap((seed) =>
    scenarios.flatMap((scenario, row) =>
      policies.map((policy, column): Run => {
        const measured = madeResult({ seed, column, hasPain: row !== 1, hasBound: bound, steps });
        return { scenario, policy, seed, measured };
      }),
    ),
  );
  const about = { story, durationS: steps * 300, guests: 20, promised: 1.5 };
  return compare({
    scenarios: scenarios.map((name) => ({ name, ...about })),
    ...{ policies, seeds: all, runs },
  });
}

const BOUND: NonNullable<Measured['bound']> = {
  ...{ feasible: true, tightestS: 0, headroomKib: GIB, shortageGibH: 0, meanKib: 24 * GIB, peakKib: 26 * GIB },
  tooSmall: [],
};

interface Made {
  readonly seed: number;
  readonly column: number;
  readonly hasPain: boolean;
  readonly hasBound: boolean;
  readonly steps: number;
}

function madeResult({ seed, column, hasPain, hasBound, steps }: Made): Measured {
  const ranS = steps * 300 * 20;
  const stallS = hasPain ? (ranS * (1 + seed / 10)) / 10 ** (2 + column) : 0;
  const kills = hasPain && column === 0 ? 2 : 0;
  const usedKib = (52 - 5 * column + seed / 4) * GIB;
  return {
    pain: {
      ...{ stallS, refaultedKib: 5 * GIB, guestOomKills: 0, hostOomKills: kills, hostSwapOutKib: 0, hostSwapInKib: 0 },
      ...{ belowMinS: 0, unfairness: stallS === 0 ? null : 0.3 },
    },
    gain: {
      ...{ balloonGibH: column * 50 + seed, ksmGibH: column * 3, usedKib, guests: 20, promised: 1.5 },
      ...{ balloonMoves: column * 700, ksmdCpuS: column * 900, usedPeakKib: usedKib + GIB },
    },
    guests: [{ name: 'web', ranS, stallS, oomKills: 0, sizeKib: GIB, demandKib: GIB, residentKib: GIB }],
    series: madeSeries(steps, usedKib, stallS, kills),
    guestSeries: [],
    bound: hasBound ? BOUND : null,
  };
}

/** A day with a wave. */
function madeSeries(steps: number, usedKib: number, stallS: number, kills: number): HostSeries {
  const each = (of: (share: number, at: number) => number) =>
    Array.from({ length: steps }, (_, at) => Math.round(of(at / steps, at)));
  const guestsKib = each((share, at) => usedKib * (1 + 0.1 * Math.sin(share * 2 * Math.PI)) + (at % 7) * 1000);
  const isBusy = (share: number): boolean => share > 0.4 && share < 0.6;
  return {
    ...{ stepS: 300, guestsKib, otherKib: each(() => GIB), cacheKib: each((share) => GIB * (2 + share)) },
    freeKib: guestsKib.map((kib, at) => Math.max(0, 64 * GIB - kib - GIB - GIB * (2 + at / steps))),
    savedKib: each((share) => 3 * GIB * share),
    swapKib: each((share) => (stallS > 0 ? GIB * share : 0)),
    ranS: each(() => 6000),
    stallS: each((share) => (isBusy(share) ? stallS / (steps * 0.2) : 0)),
    kills: each((_, at) => (at === Math.floor(steps / 2) ? kills : 0)),
  };
}
