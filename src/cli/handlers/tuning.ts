import type { Objectives } from '../../comparison/tuning.ts';
import type { Dimension } from '../../parameters/space.ts';

/** One choice of values. */
export interface Choice {
  /** By dimension, as written; empty: the values of today. */
  readonly values: readonly string[];
  readonly bySeed: Map<number, Objectives>;
}

export interface Tuning {
  readonly policy: string;
  readonly scenarios: readonly string[];
  readonly dimensions: readonly Dimension[];
  readonly today: Choice;
  /** What was judged: choices with the values of the final seeds only. Of a search that was stopped, those that were left. */
  readonly finalists: readonly Choice[];
  readonly tried: number;
  /** Whether the figures are of seeds that were not used to choose. */
  readonly isJudged: boolean;
  readonly seeds: readonly number[];
}
