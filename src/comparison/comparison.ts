import type { Measured } from '../simulation/measure.ts';
import { estimate, isBeyondChance, pairedDifference, type Difference, type Estimate } from './estimate.ts';
import { MEASURES, type Measure } from './measures.ts';

/** One simulation that has finished. */
export interface Run {
  readonly scenario: string;
  readonly policy: string;
  readonly seed: number;
  readonly measured: Measured;
}

export type { Measured } from '../simulation/measure.ts';
export type { GuestSeries, HostSeries } from '../simulation/series.ts';

/** What is possible at best in a scenario, on average over the seeds: with it nobody waits for the host, whoever decides. */
export interface ComparedBound {
  /** The least memory of the host that guests use, KiB, on average over time. */
  readonly meanKib: number;
  /** Whether there is room for it in every second; otherwise somebody has to wait. */
  readonly feasible: boolean;
}

export interface ComparedScenario {
  readonly name: string;
  readonly story: string;
  readonly durationS: number;
  readonly guests: number;
  /** Memory promised to all of them, as a share of the memory of the host. */
  readonly promised: number;
  /** null: unknown. */
  readonly bound: ComparedBound | null;
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

export interface Compared extends Pick<Comparison, 'policies' | 'seeds' | 'runs'> {
  readonly scenarios: readonly Omit<ComparedScenario, 'bound'>[];
}

export function compare(of: Compared): Comparison {
  const scenarios = of.scenarios.map((each) => ({ ...each, bound: boundOf(of.runs, each.name) }));
  const cells = of.scenarios.flatMap(({ name }) => {
    const baseline = runsOf(of.runs, name, of.policies[0]);
    return of.policies.flatMap((policy, at) => {
      const runs = runsOf(of.runs, name, policy);
      return runs.length === 0 ? [] : [cell(runs, at === 0 ? null : baseline)];
    });
  });
  return { ...of, scenarios, cells };
}

/** The runs of the first policy and of another one in a scenario that have the same seed. */
export function pairedRuns(
  { runs, policies }: Pick<Comparison, 'runs' | 'policies'>,
  scenario: string,
  policy: string,
): readonly (readonly [before: Run, after: Run])[] {
  return pairs(runsOf(runs, scenario, policies[0]), runsOf(runs, scenario, policy));
}

function pairs(baseline: readonly Run[], others: readonly Run[]): readonly (readonly [before: Run, after: Run])[] {
  return baseline.flatMap((before) => {
    const after = others.find(({ seed }) => seed === before.seed);
    return after === undefined ? [] : [[before, after] as const];
  });
}

/** It depends on the demand alone, which is the same for all policies. */
function boundOf(runs: readonly Run[], scenario: string): ComparedBound | null {
  const bySeed = new Map(
    runs.filter((run) => run.scenario === scenario).map(({ seed, measured }) => [seed, measured.bound]),
  );
  const bounds = [...bySeed.values()].filter((bound) => bound !== null);
  const mean = estimate(bounds.map(({ meanKib }) => meanKib));
  return mean === null ? null : { meanKib: mean.mean, feasible: bounds.every(({ feasible }) => feasible) };
}

function runsOf(runs: readonly Run[], scenario: string, policy: string | undefined): readonly Run[] {
  return runs.filter((run) => run.scenario === scenario && run.policy === policy);
}

function cell(runs: readonly Run[], baseline: readonly Run[] | null): Cell {
  const { scenario, policy } = runs[0]!;
  const paired = pairs(baseline ?? [], runs);
  const differenceOf = ({ of }: Measure) =>
    pairedDifference(
      paired.map(([before]) => of(before.measured)),
      paired.map(([, after]) => of(after.measured)),
    );
  return {
    ...{ scenario, policy, seeds: runs.map(({ seed }) => seed) },
    estimates: byMeasure((measure) => estimate(runs.map(({ measured }) => measure.of(measured)))),
    differences: paired.length === 0 ? null : byMeasure(differenceOf),
  };
}

function byMeasure<T>(of: (measure: Measure) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(MEASURES.map((measure) => [measure.key, of(measure)]));
}

/**
 * How much of the memory that is in use without any policy, and that nobody needs, a policy saves.
 * @param none without any policy
 * @returns null: nothing could be saved, or it is not known
 */
export function savedShare(none: Cell, cell: Cell): number | null {
  const before = none.estimates['used']?.mean;
  const after = cell.estimates['used']?.mean;
  const needed = none.estimates['needed']?.mean;
  if (before === undefined || after === undefined || needed === undefined || needed >= 1) return null;
  return (before - after) / (before * (1 - needed));
}

/**
 * Whether a difference is more than chance: its 95 % confidence interval excludes zero. With 17 figures for each policy and scenario,
 * about one in twenty of those that are equal will seem to differ.
 * @returns null: it may be chance, or neither is better
 */
export function verdict({ better }: Measure, difference: Difference | null): 'better' | 'worse' | null {
  if (difference === null || better === null || !isBeyondChance(difference)) return null;
  return difference.mean > 0 === (better === 'more') ? 'better' : 'worse';
}
