import { pairedRuns, type ComparedScenario, type Comparison, type Run } from '../../comparison/comparison.ts';
import { estimate, pairedDifference, type Difference, type Estimate } from '../../comparison/estimate.ts';
import { stallShare } from '../../comparison/measures.ts';

/** Waiting below this share of the running time counts as none. */
export const NO_WAITING = 1e-5;

/** Differences of memory below this share of what guests took with the baseline are left out of the answer. */
const LITTLE_MEMORY = 0.01;

/** What one policy did in one scenario, in the three figures that an operator asks for first. */
export interface Outcome {
  readonly policy: string;
  readonly isBaseline: boolean;
  /** How long guests waited, as a share of their running time. */
  readonly waiting: Figure;
  /** Programs and guests that OOM killers ended. */
  readonly killed: Figure;
  /** Memory of the host that guests took, KiB. */
  readonly held: Figure;
  /** How many guests ran: a guest that was killed needs no memory, and that is no gain. */
  readonly guests: Figure;
}

export interface Figure {
  readonly own: Estimate | null;
  readonly baseline: Estimate | null;
  readonly difference: Difference | null;
}

/** How the figure differs from that of the baseline, beyond chance; null: it may be chance. */
export function direction({ difference }: Figure): 'less' | 'more' | null {
  if (difference === null || difference.interval === null) return null;
  const [low, high] = difference.interval;
  return low > 0 ? 'more' : high < 0 ? 'less' : null;
}

/** The same for waiting: what is next to nothing in both is equal. */
export function waitingDirection({ waiting }: Outcome): 'less' | 'more' | null {
  const isNone = (figure: Estimate | null) => (figure?.mean ?? 0) < NO_WAITING;
  return isNone(waiting.own) && isNone(waiting.baseline) ? null : direction(waiting);
}

/** The same for memory; null too where it is less because fewer guests ran, or more because more did. */
export function memoryDirection({ held, guests }: Outcome): 'less' | 'more' | null {
  const { difference, baseline } = held;
  const found = direction(held);
  if (found === null || found === direction(guests)) return null;
  return Math.abs(difference!.mean) < LITTLE_MEMORY * baseline!.mean ? null : found;
}

/** Of all policies that have a finished run in a scenario, in their order. */
export function outcomesOf(comparison: Comparison, { name }: ComparedScenario): readonly Outcome[] {
  return comparison.policies.flatMap((policy, at): Outcome[] => {
    const runs = comparison.runs.filter((run) => run.scenario === name && run.policy === policy);
    if (runs.length === 0) return [];
    const pairs = at === 0 ? [] : pairedRuns(comparison, name, policy);
    const figure = (of: (run: Run) => number | null): Figure => ({
      own: estimate(runs.map(of)),
      baseline: at === 0 ? null : estimate(pairs.map(([before]) => of(before))),
      difference: pairedDifference(
        pairs.map(([before]) => of(before)),
        pairs.map(([, after]) => of(after)),
      ),
    });
    return [
      {
        ...{ policy, isBaseline: at === 0, waiting: figure(({ measured }) => stallShare(measured)) },
        killed: figure(({ measured }) => measured.pain.guestOomKills + measured.pain.hostOomKills),
        held: figure(({ measured }) => measured.gain.usedKib),
        guests: figure(({ measured }) => measured.gain.guests),
      },
    ];
  });
}
