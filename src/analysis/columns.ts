import type { Buckets, Column, Grid } from './grid.ts';

/** The lowest and the highest value of each bucket; null: no value, which is not zero. */
export interface Range {
  readonly lows: readonly (number | null)[];
  readonly highs: readonly (number | null)[];
}

/** The lowest and the highest value in each bucket. */
export class RangeColumn implements Column {
  #lows: Float64Array;
  #highs: Float64Array;

  constructor(grid: Grid) {
    this.#lows = new Float64Array(grid.size).fill(Infinity);
    this.#highs = new Float64Array(grid.size).fill(-Infinity);
    grid.register(this);
  }

  add(at: number, value: number): void {
    if (value < this.#lows[at]!) this.#lows[at] = value;
    if (value > this.#highs[at]!) this.#highs[at] = value;
  }

  remap(size: number, first: number, last: number, to: (old: number) => number): void {
    const [lows, highs] = [this.#lows, this.#highs];
    this.#lows = new Float64Array(size).fill(Infinity);
    this.#highs = new Float64Array(size).fill(-Infinity);
    for (let old = first; old <= last; old++) {
      if (highs[old] === -Infinity) continue;
      this.add(to(old), lows[old]!);
      this.add(to(old), highs[old]!);
    }
  }

  /** @param merge so many buckets become one */
  range(grid: Grid, merge = 1): Range {
    const { count } = merged(grid.buckets, merge);
    const lows = new Array<number | null>(count).fill(null);
    const highs = new Array<number | null>(count).fill(null);
    for (let at = 0; at < grid.buckets.count; at++) {
      const [low, high] = [this.#lows[grid.start + at]!, this.#highs[grid.start + at]!];
      if (high === -Infinity) continue;
      const into = Math.floor(at / merge);
      lows[into] = Math.min(lows[into] ?? Infinity, low);
      highs[into] = Math.max(highs[into] ?? -Infinity, high);
    }
    return { lows, highs };
  }
}

/** A sum in each bucket. */
export class SumColumn implements Column {
  #sums: Float64Array;

  constructor(grid: Grid) {
    this.#sums = new Float64Array(grid.size);
    grid.register(this);
  }

  add(at: number, value: number): void {
    this.#sums[at]! += value;
  }

  remap(size: number, first: number, last: number, to: (old: number) => number): void {
    const sums = this.#sums;
    this.#sums = new Float64Array(size);
    for (let old = first; old <= last; old++) this.#sums[to(old)]! += sums[old]!;
  }

  /** @param merge so many buckets become one */
  sums(grid: Grid, merge = 1): readonly number[] {
    const sums = new Array<number>(merged(grid.buckets, merge).count).fill(0);
    for (let at = 0; at < grid.buckets.count; at++) sums[Math.floor(at / merge)]! += this.#sums[grid.start + at]!;
    return sums;
  }
}

/** Of each bucket, what there was at its moment of the lowest rank: figures that belong together. */
export class MomentColumn<T> implements Column {
  #ranks: Float64Array;
  #moments: (T | null)[];

  constructor(grid: Grid) {
    this.#ranks = new Float64Array(grid.size).fill(Infinity);
    this.#moments = new Array<T | null>(grid.size).fill(null);
    grid.register(this);
  }

  add(at: number, rank: number, moment: T): void {
    if (this.#moments[at] !== null && !(rank < this.#ranks[at]!)) return;
    this.#ranks[at] = rank;
    this.#moments[at] = moment;
  }

  remap(size: number, first: number, last: number, to: (old: number) => number): void {
    const [ranks, moments] = [this.#ranks, this.#moments];
    this.#ranks = new Float64Array(size).fill(Infinity);
    this.#moments = new Array<T | null>(size).fill(null);
    for (let old = first; old <= last; old++) {
      const moment = moments[old] ?? null;
      if (moment !== null) this.add(to(old), ranks[old]!, moment);
    }
  }

  moments(grid: Grid): readonly (T | null)[] {
    return this.#moments.slice(grid.start, grid.start + grid.buckets.count);
  }
}

/** The buckets after each `merge` have become one. */
export function merged({ fromMs, widthMs, count }: Buckets, merge: number): Buckets {
  return { fromMs, widthMs: widthMs * merge, count: Math.ceil(count / merge) };
}
