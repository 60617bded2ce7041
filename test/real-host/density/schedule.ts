import type { DensityOptions } from './options.ts';
import { LEAD_S } from './run.ts';

/** One run of a round. */
export interface Turn {
  readonly guests: number;
  readonly policy: string;
}

/**
 * The runs of a round on the small host. All policies of one number of guests follow each other, because the machine's speed drifts, and
 * another one is first each time.
 */
export function inTurn(guests: readonly number[], policies: readonly string[], round: number): readonly Turn[] {
  return guests.flatMap((count, index) =>
    policies.map((_, turn) => ({
      guests: count,
      policy: policies[(turn + index + round) % policies.length] as string,
    })),
  );
}

/** What a run takes besides its plan, seconds: guests boot, touch their memory and end. Measured with two cores and six guests. */
const AROUND_S = 30;

/** How many runs there are, with those on a roomy host, and how long they take together. */
export function estimate(options: Pick<DensityOptions, 'guests' | 'policies' | 'rounds' | 'seconds'>): {
  readonly runs: number;
  readonly minutes: number;
} {
  const { guests, policies, rounds, seconds } = options;
  const runs = rounds * guests.length * (policies.length + 1);
  return { runs, minutes: Math.ceil((runs * (LEAD_S + seconds + AROUND_S)) / 60) };
}
