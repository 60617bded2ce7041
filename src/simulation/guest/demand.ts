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
  readonly #shiftS: number;
  readonly #bursts: Bursts | null;
  readonly #points: Points;

  constructor(spec: DemandSpec, random: Random) {
    this.#spec = spec;
    this.#factor = 1 + random.split('spread').between(-spec.spread, spec.spread);
    const shiftS = spec.day?.shiftS ?? 0;
    this.#shiftS = random.split('shift').between(-shiftS, shiftS);
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
    if (day !== null) kib += (day.peakKib - baseKib) * shareOfPeak(day, timeS + this.#shiftS);
    if (points.length > 0) kib += this.#points.at(repeatS === 0 ? timeS : timeS % repeatS);
    kib *= this.#factor;
    if (leakKib > 0) kib += (leakKib * leakingS) / HOUR_S;
    if (this.#bursts !== null) kib += this.#bursts.at(timeS);
    return Math.max(0, Math.floor(kib / PAGE_KIB));
  }
}

/** 0 outside the hours of a day, 1 inside, a straight line between. */
function shareOfPeak({ fromS, toS, rampS }: DaySpec, timeS: number): number {
  const length = (toS - fromS + DAY_S) % DAY_S;
  const since = (((timeS - fromS) % DAY_S) + DAY_S) % DAY_S;
  if (since >= length) return 0;
  return rampS === 0 ? 1 : Math.min(1, since / rampS, (length - since) / rampS);
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
