/** A figure over several seeds. */
export interface Estimate {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** How many seeds have this figure. */
  readonly seeds: number;
}

/** By how much a figure differs from that of another policy, over the same seeds. */
export interface Difference {
  readonly mean: number;
  /** The 95 % confidence interval of the mean; null: one seed says nothing about others. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** @returns null: no seed has the figure */
export function estimate(values: readonly (number | null)[]): Estimate | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return { mean: mean(known), least: Math.min(...known), most: Math.max(...known), seeds: known.length };
}

/**
 * Student's t interval of the paired differences: both policies met the same demand with a seed, so what the seeds differ by drops out.
 * @param before of the policy that is compared with, by seed @param after of the other policy, by the same seeds
 * @returns null: no seed has both
 */
export function pairedDifference(
  before: readonly (number | null)[],
  after: readonly (number | null)[],
): Difference | null {
  const differences = before.flatMap((value, at) => {
    const other = after[at];
    return value === null || other === null || other === undefined ? [] : [other - value];
  });
  if (differences.length === 0) return null;
  const average = mean(differences);
  if (differences.length === 1) return { mean: average, interval: null };
  const freedom = differences.length - 1;
  const variance = differences.reduce((sum, value) => sum + (value - average) ** 2, 0) / freedom;
  const half = quantileOfT(freedom) * Math.sqrt(variance / differences.length);
  return { mean: average, interval: [average - half, average + half] };
}

/** The mean of a figure over the seeds, with Student's t interval. @param values at least one */
export function meanWithInterval(values: readonly number[]): Difference {
  return pairedDifference(
    values.map(() => 0),
    values,
  )!;
}

/** Whether a difference is more than chance: its 95 % confidence interval excludes zero. */
export function isBeyondChance({ interval }: Difference): boolean {
  return interval !== null && (interval[0] > 0 || interval[1] < 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, the next smaller of the others is on the safe side. */
const T_975 = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131],
  ...[2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];

function quantileOfT(freedom: number): number {
  return T_975[Math.min(freedom, T_975.length) - 1]!;
}
