/** Duration of one call in milliseconds, by the monotonic clock. */
export function timed(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** @param share 0 to 1 @returns the smallest value that at least this share of the values do not exceed */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]!;
}

export interface Pairwise {
  readonly oursMs: number;
  readonly baselineMs: number;
  /** Median of the ratios of adjacent runs: robust against drifting machine speed. */
  readonly ratio: number;
}

/** Runs two functions alternately, A B A B …, so that both run under the same conditions. */
export function pairwise(ours: () => unknown, baseline: () => unknown, rounds: number, perRound: number): Pairwise {
  const many = (work: () => unknown) => () => {
    for (let n = 0; n < perRound; n++) work();
  };
  for (let warm = 0; warm < 5; warm++) {
    many(ours)();
    many(baseline)();
  }
  const pairs = Array.from(
    { length: rounds },
    () => [timed(many(ours)) / perRound, timed(many(baseline)) / perRound] as const,
  );
  return {
    oursMs: median(pairs.map(([a]) => a)),
    baselineMs: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
}
