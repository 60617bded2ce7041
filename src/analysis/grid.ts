/** The time of a {@link Grid}: buckets of one width, counted from the epoch. */
export interface Buckets {
  /** Start of the first bucket, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly widthMs: number;
  readonly count: number;
}

/** Values of the buckets of a grid. */
export interface Column {
  /**
   * The grid has fewer or other buckets now: those of `old` from `first` to `last` become those of `to`.
   * Several may become one.
   */
  remap(size: number, first: number, last: number, to: (old: number) => number): void;
}

/**
 * Time in a bounded number of buckets, for a recording whose length is not known before its end: when a time does not fit in, each two
 * buckets become one. Minima, maxima and sums of the buckets stay exact.
 */
export class Grid {
  readonly size: number;
  #widthMs: number;
  /** The first and the last bucket with data, counted from the epoch; null: none yet. */
  #range: { first: number; last: number } | null = null;
  /** The bucket that columns have at index 0, counted from the epoch. */
  #base = 0;
  readonly #columns: Column[] = [];

  /** @param size the largest number of buckets, at least 2: the times before and after the epoch never fall into one */
  constructor(size: number, widthMs: number) {
    this.size = size;
    this.#widthMs = widthMs;
  }

  register<T extends Column>(column: T): T {
    this.#columns.push(column);
    return column;
  }

  get buckets(): Buckets {
    if (this.#range === null) return { fromMs: 0, widthMs: this.#widthMs, count: 0 };
    const { first, last } = this.#range;
    return { fromMs: first * this.#widthMs, widthMs: this.#widthMs, count: last - first + 1 };
  }

  /** Index in the columns of the first bucket with data. */
  get start(): number {
    return this.#range === null ? 0 : this.#range.first - this.#base;
  }

  /** Makes room for a time and returns the index of its bucket in all columns. Indices from before may no longer hold. */
  at(timeMs: number): number {
    for (;;) {
      const bucket = Math.floor(timeMs / this.#widthMs);
      this.#range ??= { first: bucket, last: (this.#base = bucket) };
      const first = Math.min(this.#range.first, bucket);
      const last = Math.max(this.#range.last, bucket);
      if (last - first < this.size) {
        if (first < this.#base || last >= this.#base + this.size) this.#move(first);
        this.#range = { first, last };
        return bucket - this.#base;
      }
      this.#double();
    }
  }

  /** Index of the bucket of a time that {@link at} has made room for. */
  indexOf(timeMs: number): number {
    return Math.floor(timeMs / this.#widthMs) - this.#base;
  }

  #move(base: number): void {
    const by = this.#base - base;
    this.#remap((index) => index + by);
    this.#base = base;
  }

  #double(): void {
    const { first, last } = this.#range!;
    const [before, base] = [this.#base, Math.floor(first / 2)];
    this.#remap((index) => Math.floor((index + before) / 2) - base);
    this.#widthMs *= 2;
    this.#base = base;
    this.#range = { first: base, last: Math.floor(last / 2) };
  }

  #remap(to: (index: number) => number): void {
    const { first, last } = this.#range!;
    for (const column of this.#columns) column.remap(this.size, first - this.#base, last - this.#base, to);
  }
}
