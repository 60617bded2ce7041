import type { DemandSpec } from '../scenario/model.ts';

export type Point = DemandSpec['points'][number];

/** The error that curves begin with: this share of the memory of the guest, and at least so much, KiB. */
const TOLERANCE = { share: 0.002, leastKib: 1024 } as const;

/** A curve with more points than this is made coarser. */
const MOST_POINTS = 20_000;

/** See {@link TOLERANCE}. */
export function toleranceOf(memoryKib: number): number {
  return Math.max(TOLERANCE.leastKib, Math.ceil(memoryKib * TOLERANCE.share));
}

/**
 * A curve of straight lines through samples that come in the order of time. No sample is further from it than `errorKib`. It keeps only the
 * points at which its direction changes (the swinging door): samples that lie on a line cost nothing.
 */
export class Curve {
  #toleranceKib: number;
  /** What earlier, finer curves may already have been wrong by. */
  #inheritedKib = 0;
  readonly #mostPoints: number;
  #points: Point[] = [];
  #last: Point | null = null;
  /** Slopes of the lines from the last point that pass all samples since within the tolerance. */
  #least = -Infinity;
  #most = Infinity;

  constructor(toleranceKib: number, mostPoints = MOST_POINTS) {
    this.#toleranceKib = toleranceKib;
    this.#mostPoints = mostPoints;
  }

  get errorKib(): number {
    return this.#inheritedKib + this.#toleranceKib + 1;
  }

  get isEmpty(): boolean {
    return this.#points.length === 0;
  }

  /** A sample that is not later than the one before is ignored. @param atS whole seconds */
  add(atS: number, sizeKib: number): void {
    const from = this.#points.at(-1);
    if (from === undefined) this.#points.push({ atS, sizeKib });
    else if (atS > (this.#last ?? from).atS) this.#extend(from, { atS, sizeKib });
  }

  /** All points up to now. */
  points(): readonly Point[] {
    const from = this.#points.at(-1);
    return from === undefined || this.#last === null ? this.#points : [...this.#points, this.#end(from, this.#last)];
  }

  #extend(from: Point, sample: Point): void {
    const elapsedS = sample.atS - from.atS;
    const least = (sample.sizeKib - this.#toleranceKib - from.sizeKib) / elapsedS;
    const most = (sample.sizeKib + this.#toleranceKib - from.sizeKib) / elapsedS;
    // The end of a line must not be negative either.
    const isNegative = from.sizeKib + Math.min(this.#most, most) * elapsedS < 0;
    if (this.#last !== null && (least > this.#most || most < this.#least || isNegative)) {
      const corner = this.#end(from, this.#last);
      this.#points.push(corner);
      [this.#last, this.#least, this.#most] = [null, -Infinity, Infinity];
      if (this.#points.length >= this.#mostPoints) this.#coarsen();
      this.#extend(this.#points.at(-1)!, sample);
      return;
    }
    this.#least = Math.max(this.#least, least);
    this.#most = Math.min(this.#most, most);
    this.#last = sample;
  }

  /** The end of the line from a point: as near to the last sample as the samples before it permit. */
  #end(from: Point, last: Point): Point {
    const elapsedS = last.atS - from.atS;
    const slope = Math.min(this.#most, Math.max(this.#least, (last.sizeKib - from.sizeKib) / elapsedS));
    return { atS: last.atS, sizeKib: Math.max(0, Math.round(from.sizeKib + slope * elapsedS)) };
  }

  #coarsen(): void {
    const points = this.#points;
    this.#inheritedKib += this.#toleranceKib + 1;
    this.#toleranceKib *= 2;
    this.#points = [];
    for (const { atS, sizeKib } of points) this.add(atS, sizeKib);
    const from = this.#points.at(-1)!;
    if (this.#last !== null) this.#points.push(this.#end(from, this.#last));
    [this.#last, this.#least, this.#most] = [null, -Infinity, Infinity];
  }
}

/** Where a curve is at a time: on the line between two points, or at the nearest one. */
export function valueAt(points: readonly Point[], atS: number): number {
  let [low, high] = [0, points.length - 1];
  if (high < 0) return 0;
  if (atS <= points[0]!.atS) return points[0]!.sizeKib;
  if (atS >= points[high]!.atS) return points[high]!.sizeKib;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]!.atS <= atS) low = middle;
    else high = middle;
  }
  const [from, to] = [points[low]!, points[high]!];
  return from.sizeKib + ((to.sizeKib - from.sizeKib) * (atS - from.atS)) / (to.atS - from.atS);
}
