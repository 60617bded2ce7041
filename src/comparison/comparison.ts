import type { Measured } from '../simulation/measure.ts';
import { estimate, pairedDifference, type Difference, type Estimate } from './estimate.ts';
import { MEASURES, type Measure } from './measures.ts';

/** One simulation that has finished. */
export interface Run {
  readonly scenario: string;
  readonly policy: string;
  readonly seed: number;
  readonly measured: Measured;
}

export interface ComparedScenario {
  readonly name: string;
  readonly story: string;
  readonly durationS: number;
  readonly guests: number;
  /** Memory promised to all of them, as a share of the memory of the host. */
  readonly promised: number;
}

/** What one policy did in one scenario, and how that differs from the first policy. */
export interface Cell {
  readonly scenario: string;
  readonly policy: string;
  /** The seeds that have finished. */
  readonly seeds: readonly number[];
  /** By the key of a measure; null: no such figure. */
  readonly estimates: Readonly<Record<string, Estimate | null>>;
  /** The same, against the baseline; null: it is the baseline, or has no seed in common with it. */
  readonly differences: Readonly<Record<string, Difference | null>> | null;
}

export interface Comparison {
  readonly scenarios: readonly ComparedScenario[];
  /** The first is the one that the others are compared with. */
  readonly policies: readonly string[];
  readonly seeds: readonly number[];
  /** For each scenario all policies, in their order. A cell without a finished seed is missing. */
  readonly cells: readonly Cell[];
  readonly runs: readonly Run[];
}

export function compare(of: Pick<Comparison, 'scenarios' | 'policies' | 'seeds' | 'runs'>): Comparison {
  const cells = of.scenarios.flatMap(({ name }) => {
    const baseline = runsOf(of.runs, name, of.policies[0]);
    return of.policies.flatMap((policy, at) => {
      const runs = runsOf(of.runs, name, policy);
      return runs.length === 0 ? [] : [cell(runs, at === 0 ? null : baseline)];
    });
  });
  return { ...of, cells };
}

function runsOf(runs: readonly Run[], scenario: string, policy: string | undefined): readonly Run[] {
  return runs.filter((run) => run.scenario === scenario && run.policy === policy);
}

function cell(runs: readonly Run[], baseline: readonly Run[] | null): Cell {
  const { scenario, policy } = runs[0]!;
  const pairs = (baseline ?? []).flatMap((before) => {
    const after = runs.find(({ seed }) => seed === before.seed);
    return after === undefined ? [] : [{ before: before.measured, after: after.measured }];
  });
  const differenceOf = ({ of }: Measure) =>
    pairedDifference(
      pairs.map(({ before }) => of(before)),
      pairs.map(({ after }) => of(after)),
    );
  return {
    ...{ scenario, policy, seeds: runs.map(({ seed }) => seed) },
    estimates: byMeasure((measure) => estimate(runs.map(({ measured }) => measure.of(measured)))),
    differences: pairs.length === 0 ? null : byMeasure(differenceOf),
  };
}

function byMeasure<T>(of: (measure: Measure) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(MEASURES.map((measure) => [measure.key, of(measure)]));
}

/**
 * Whether a difference is more than chance: its 95 % confidence interval excludes zero. With 15 figures for each policy and scenario,
 * about one in twenty of those that are equal will seem to differ.
 * @returns null: it may be chance, or neither is better
 */
export function verdict({ better }: Measure, difference: Difference | null): 'better' | 'worse' | null {
  if (difference === null || difference.interval === null || better === null) return null;
  const [low, high] = difference.interval;
  if (low <= 0 && high >= 0) return null;
  return low > 0 === (better === 'more') ? 'better' : 'worse';
}
