import { PRESSURE_WINDOWS_S } from '../constants.ts';

/** Shares of the last 10, 60 and 300 s, percent, and the time since the start, microseconds. */
export interface Stalled {
  readonly averages: readonly number[];
  readonly totalUs: number;
}

const DECAYS = PRESSURE_WINDOWS_S.map((windowS) => Math.exp(-1 / windowS));

/** Pressure stall information of the host's memory, from the time that its guests waited for it. */
export class Pressure {
  readonly some = new Average();
  readonly full = new Average();

  /** @param stalls seconds of this second that each running guest waited for the host */
  step(stalls: readonly number[]): void {
    let [nobody, all] = [1, stalls.length === 0 ? 0 : 1];
    for (const stall of stalls) {
      nobody *= 1 - stall;
      // Guests wait for the same thing at the same time: all of them as long as the one that waits least.
      if (stall < all) all = stall;
    }
    this.some.add(1 - nobody);
    this.full.add(all);
  }
}

class Average implements Stalled {
  readonly #averages = PRESSURE_WINDOWS_S.map(() => 0);
  #totalS = 0;

  add(share: number): void {
    this.#totalS += share;
    for (const [at, decay] of DECAYS.entries())
      this.#averages[at] = this.#averages[at]! * decay + share * 100 * (1 - decay);
  }

  /** To two decimals, as the kernel prints them. */
  get averages(): readonly number[] {
    return this.#averages.map((average) => Math.round(average * 100) / 100);
  }

  get totalUs(): number {
    return Math.round(this.#totalS * 1e6);
  }
}
