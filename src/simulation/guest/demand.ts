import { PAGE_KIB } from '../constants.ts';
import type { Random } from '../random.ts';
import type { BurstSpec, DaySpec, DemandSpec } from '../scenario/model.ts';

const DAY_S = 86_400;
const HOUR_S = 3600;

/**
 * Anonymous memory that programs want, over time. It depends on the seed and on time only, never on what they got: two policies meet
 * the same demand.
 */
export class Demand {
  readonly #spec: DemandSpec;
  /** What this one differs by from the others of its group. */
  readonly #factor: number;
  readonly #day: Day | null;
  readonly #bursts: Bursts | null;
  readonly #points: Points;

  constructor(spec: DemandSpec, random: Random) {
    this.#spec = spec;
    this.#factor = 1 + random.split('spread').between(-spec.spread, spec.spread);
    const most = spec.day?.shiftS ?? 0;
    const shiftS = random.split('shift').between(-most, most);
    this.#day = spec.day === null ? null : new Day(spec.day, shiftS);
    this.#points = new Points(spec.points);
    this.#bursts = spec.bursts === null ? null : new Bursts(spec.bursts, random.split('bursts'));
  }

  /**
   * Pages. Times must not go back.
   * @param leakingS how long its programs have run: a leak begins anew with them
   */
  at(timeS: number, leakingS: number): number {
    const { baseKib, day, points, repeatS, leakKib } = this.#spec;
    let kib = baseKib;
    if (day !== null) kib += (day.peakKib - baseKib) * this.#day!.shareOfPeak(timeS);
    if (points.length > 0) kib += this.#points.at(repeatS === 0 ? timeS : timeS % repeatS);
    kib *= this.#factor;
    if (leakKib > 0) kib += (leakKib * leakingS) / HOUR_S;
    if (this.#bursts !== null) kib += this.#bursts.at(timeS);
    return Math.max(0, Math.floor(kib / PAGE_KIB));
  }
}

/** The hours of a day in which programs want more. */
class Day {
  readonly #spec: DaySpec;
  readonly #shiftS: number;
  readonly #lengthS: number;
  /** The last result, and until when it stays. */
  #share = 0;
  #sameUntilS = -Infinity;

  constructor(spec: DaySpec, shiftS: number) {
    this.#spec = spec;
    this.#shiftS = shiftS;
    this.#lengthS = (spec.toS - spec.fromS + DAY_S) % DAY_S;
  }

  /** 0 outside the hours, 1 inside, a straight line between. Times must not go back. */
  shareOfPeak(timeS: number): number {
    if (timeS < this.#sameUntilS) return this.#share;
    const { fromS, rampS } = this.#spec;
    const lengthS = this.#lengthS;
    const sinceS = (((timeS + this.#shiftS - fromS) % DAY_S) + DAY_S) % DAY_S;
    if (sinceS >= lengthS) return this.#stays(0, timeS + DAY_S - sinceS);
    const share = rampS === 0 ? 1 : Math.min(1, sinceS / rampS, (lengthS - sinceS) / rampS);
    return share < 1 ? share : this.#stays(share, timeS + lengthS - rampS - sinceS);
  }

  #stays(share: number, untilS: number): number {
    this.#share = share;
    // Not to its last second, which sums of fractions may miss.
    this.#sameUntilS = untilS - 1;
    return share;
  }
}

/** A straight line between the points, and the nearest one outside them. */
class Points {
  readonly #points: DemandSpec['points'];
  /** The first point that is later than the last time. */
  #next = 0;
  #lastS = -Infinity;

  constructor(points: DemandSpec['points']) {
    this.#points = points;
  }

  /** KiB. Times go back only where the points begin again. */
  at(timeS: number): number {
    const points = this.#points;
    if (timeS < this.#lastS) this.#next = 0;
    this.#lastS = timeS;
    while (this.#next < points.length && points[this.#next]!.atS <= timeS) this.#next += 1;
    const [before, after] = [points[this.#next - 1], points[this.#next]];
    if (before === undefined || after === undefined) return (before ?? after)!.sizeKib;
    const share = (timeS - before.atS) / (after.atS - before.atS);
    return before.sizeKib + (after.sizeKib - before.sizeKib) * share;
  }
}

/** Memory that is taken at a rate, kept for a while and given back at once, again and again at times that nobody knows. */
class Bursts {
  readonly #spec: BurstSpec;
  readonly #random: Random;
  #fromS: number;
  #toS = 0;
  #sizeKib = 0;

  constructor(spec: BurstSpec, random: Random) {
    this.#spec = spec;
    this.#random = random;
    this.#fromS = 0;
    this.#plan(0);
  }

  at(timeS: number): number {
    while (timeS >= this.#toS) this.#plan(this.#toS);
    return timeS < this.#fromS ? 0 : Math.min(this.#sizeKib, (timeS - this.#fromS) * this.#spec.rateKib);
  }

  #plan(afterS: number): void {
    const { everyS, sizeKib, rateKib, lastsS } = this.#spec;
    this.#fromS = Math.ceil(afterS + this.#random.exponential(everyS));
    this.#sizeKib = Math.floor(sizeKib * this.#random.between(0.5, 1.5));
    this.#toS = Math.ceil(this.#fromS + this.#sizeKib / rateKib + this.#random.between(0.5, 1.5) * lastsS);
  }
}
