import type { Figures } from './figures.ts';
import { mean } from './pain.ts';

/** All rounds of one policy with one number of guests. */
export interface DensityRow {
  readonly guests: number;
  readonly policy: string;
  /** In the order of the rounds. */
  readonly rounds: readonly Figures[];
}

/** What a row needs to be judged. */
export interface Bounds {
  /** Length of the plan of a run. */
  readonly seconds: number;
  /** The most of the guests' time that may be lost, percent. */
  readonly limit: number;
}

/** The rows of runs, in the order of `counts` and `policies`. Rows without any run are left out. */
export function rowsOf(
  runs: readonly { readonly guests: number; readonly policy: string; readonly figures: Figures }[],
  { guests: counts, policies }: { readonly guests: readonly number[]; readonly policies: readonly string[] },
): readonly DensityRow[] {
  return counts.flatMap((guests) =>
    policies.flatMap((policy): DensityRow[] => {
      const rounds = runs.filter((run) => run.guests === guests && run.policy === policy).map(({ figures }) => figures);
      return rounds.length === 0 ? [] : [{ guests, policy, rounds }];
    }),
  );
}

/** What was lost of the time of all guests, on average over the rounds, percent. */
export function lostPercent({ guests, rounds }: DensityRow, seconds: number): number {
  return (100 * mean(rounds.map(({ lostS }) => lostS))) / (guests * seconds);
}

/** Whether the host carried these guests: nothing of theirs failed in any round, and little of their time was lost. */
export function isCarried(row: DensityRow, { seconds, limit }: Bounds): boolean {
  const failed = row.rounds.some(
    ({ oomKills, failedSteps, lostGuests }) => oomKills > 0 || (failedSteps ?? 0) > 0 || lostGuests > 0,
  );
  return !failed && lostPercent(row, seconds) <= limit;
}

/** The most guests that the host carried with a policy, and all smaller numbers that were measured too; null: not even the fewest. */
export function carried(rows: readonly DensityRow[], policy: string, bounds: Bounds): number | null {
  let most: number | null = null;
  for (const row of rows.filter((one) => one.policy === policy).toSorted((a, b) => a.guests - b.guests)) {
    if (!isCarried(row, bounds)) break;
    most = row.guests;
  }
  return most;
}
