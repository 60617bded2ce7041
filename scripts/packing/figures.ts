import { isBeyondChance, type Difference } from '../../src/comparison/estimate.ts';
import { meanOf, type Mean } from './packing.ts';

/** `24.3 ± 1.4`: the mean over the seeds and half of its interval, which is left out where all seeds agree. */
export function meanText(values: readonly number[]): string {
  return withHalf(meanOf(values), (value) => String(Number(value.toFixed(1))));
}

/** The same of shares: `88 ± 3 %`. */
export function shareText(shares: readonly number[]): string {
  return `${withHalf(meanOf(shares.map((share) => share * 100)), (value) => String(Math.round(value)))} %`;
}

/** The same of shares of time, which are small: `0.12 ± 0.05 %`. */
export function waitText(shares: readonly number[]): string {
  return `${withHalf(meanOf(shares.map((share) => share * 100)), (value) =>
    value > 0 && value < 0.001 ? '< 0.001' : String(Number(value.toPrecision(2))),
  )} %`;
}

function withHalf({ mean, half }: Mean, text: (value: number) => string): string {
  if (half === null) return text(mean);
  // What is rounded to nothing is nothing to the reader.
  return Number(text(half)) === 0 || half < 1e-9 ? text(mean) : `${text(mean)} ± ${text(half)}`;
}

/** ` +` for what is better by more than chance, ` −` for what is worse. */
export function markOf(difference: Difference, better: 'more' | 'less'): string {
  if (!isBeyondChance(difference)) return '';
  return difference.mean > 0 === (better === 'more') ? ' +' : ' \u2212';
}
