import type { Measured } from '../../../src/simulation/measure.ts';

/** What a simulation would have measured: one guest that ran 1000 s, without pain or gain unless the test says so. */
export function measured(pain: Partial<Measured['pain']> = {}, gain: Partial<Measured['gain']> = {}): Measured {
  const guest = { name: 'web', ranS: 1000, stallS: 0, oomKills: 0, sizeKib: 0, demandKib: 0, residentKib: 0 };
  return {
    pain: {
      ...{ stallS: 0, refaultedKib: 0, guestOomKills: 0, hostOomKills: 0, hostSwapOutKib: 0, hostSwapInKib: 0 },
      ...{ belowMinS: 0, unfairness: null, ...pain },
    },
    gain: {
      balloonGibH: 0,
      ksmGibH: 0,
      guests: 1,
      promised: 1,
      balloonMoves: 0,
      ksmdCpuS: 0,
      usedKib: 0,
      usedPeakKib: 0,
      ...gain,
    },
    guests: [guest],
    bound: null,
    series: {
      ...{ stepS: 500, guestsKib: [1, 2], otherKib: [1, 1], cacheKib: [1, 1], freeKib: [2, 1], savedKib: [0, 0] },
      ...{ swapKib: [0, 0], ranS: [500, 500], stallS: [0, pain.stallS ?? 0], kills: [0, 0] },
    },
    guestSeries: [],
  };
}
