import type { Column } from './observed.ts';

/** How far a simulation is from what was recorded. */
export interface Errors {
  /** Mean of the absolute differences, and of the differences: positive where the simulation has more. */
  readonly mean: number;
  readonly bias: number;
  /** The largest difference, with its sign, and when it was, seconds. */
  readonly worst: number;
  readonly worstS: number;
  /** The largest value that was recorded. */
  readonly largest: number;
  /** Seconds in which both are known. */
  readonly seconds: number;
}

/** null: at no time both are known. */
export function errorsOf(real: Column, simulated: Column): Errors | null {
  let [sum, absolute, worst, worstS, largest, seconds] = [0, 0, 0, 0, 0, 0];
  for (const [second, value] of real.entries()) {
    const other = simulated[second];
    if (value === null || other === null || other === undefined) continue;
    const difference = other - value;
    sum += difference;
    absolute += Math.abs(difference);
    if (Math.abs(difference) > Math.abs(worst)) [worst, worstS] = [difference, second];
    largest = Math.max(largest, Math.abs(value));
    seconds += 1;
  }
  return seconds === 0 ? null : { mean: absolute / seconds, bias: sum / seconds, worst, worstS, largest, seconds };
}
