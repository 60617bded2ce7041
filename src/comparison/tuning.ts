import type { Measured } from '../simulation/measure.ts';
import { pairedDifference, type Difference } from './estimate.ts';
import { MEASURES } from './measures.ts';

/** What a choice of values is judged by; less of each is better. All are means over the scenarios. */
export interface Objectives {
  /** Programs and guests that were killed. */
  readonly killed: number;
  /** The share of their running time that guests waited for memory. */
  readonly stallShare: number;
  /** Memory of the host that the guests used, on average, KiB. */
  readonly usedKib: number;
}

export type Objective = keyof Objectives;

export const OBJECTIVES: readonly Objective[] = ['killed', 'stallShare', 'usedKib'];

/** One choice of values: what came out, by seed. */
export interface Tried {
  readonly bySeed: ReadonlyMap<number, Objectives>;
}

/** Whether a choice differs from today's values by more than chance. */
export type Verdicts = Readonly<Record<Objective, 'better' | 'worse' | null>>;

const stallShare = MEASURES.find(({ key }) => key === 'stall-share')!;

/** @param measured of one seed, in each scenario */
export function objectivesOf(measured: readonly Measured[]): Objectives {
  const mean = (of: (each: Measured) => number): number =>
    measured.reduce((sum, each) => sum + of(each), 0) / measured.length;
  return {
    killed: mean(({ pain }) => pain.guestOomKills + pain.hostOomKills),
    stallShare: mean((each) => stallShare.of(each) ?? 0),
    usedKib: mean(({ gain }) => gain.usedKib),
  };
}

/** Means over the seeds. */
export function meanOf({ bySeed }: Tried): Objectives {
  const all = [...bySeed.values()];
  const mean = (objective: Objective): number => all.reduce((sum, each) => sum + each[objective], 0) / all.length;
  return { killed: mean('killed'), stallShare: mean('stallShare'), usedKib: mean('usedKib') };
}

/** Whether `a` is at least as good in all, and better in one. */
export function dominates(a: Objectives, b: Objectives): boolean {
  return (
    OBJECTIVES.every((objective) => a[objective] <= b[objective]) &&
    OBJECTIVES.some((objective) => a[objective] < b[objective])
  );
}

/**
 * The best of all, as many as wanted: first those that no other dominates, then those that only these dominate, and so on. Of a front that does
 * not fit, those that are farthest from their neighbours, so that the whole range from little pain to much gain is kept (the
 * selection of NSGA-II; Deb, Pratap, Agarwal, Meyarivan 2002).
 * @returns positions in `all`, in their order
 */
export function best(all: readonly Objectives[], wanted: number): readonly number[] {
  const kept: number[] = [];
  let left = all.map((_, at) => at);
  while (kept.length < wanted && left.length > 0) {
    const front = left.filter((at) => !left.some((other) => dominates(all[other]!, all[at]!)));
    const room = wanted - kept.length;
    kept.push(...(front.length <= room ? front : loneliest(front, all).slice(0, room)));
    left = left.filter((at) => !front.includes(at));
  }
  return kept.toSorted((a, b) => a - b);
}

/** By the distance between the neighbours of each, in all objectives; the ends come first. */
function loneliest(front: readonly number[], all: readonly Objectives[]): readonly number[] {
  const distance = new Map(front.map((at) => [at, 0]));
  for (const objective of OBJECTIVES) {
    const sorted = front.toSorted((a, b) => all[a]![objective] - all[b]![objective] || a - b);
    const valueOf = (position: number): number => all[sorted[position]!]![objective];
    const span = valueOf(sorted.length - 1) - valueOf(0);
    if (span === 0) continue;
    for (const [position, at] of sorted.entries()) {
      const isEnd = position === 0 || position === sorted.length - 1;
      const own = isEnd ? Infinity : (valueOf(position + 1) - valueOf(position - 1)) / span;
      distance.set(at, distance.get(at)! + own);
    }
  }
  return front.toSorted((a, b) => distance.get(b)! - distance.get(a)! || a - b);
}

/** By how much a choice differs from today's values, over the seeds that both have; null: none. */
export function differenceOf(today: Tried, tried: Tried, objective: Objective): Difference | null {
  const seeds = [...today.bySeed.keys()].filter((seed) => tried.bySeed.has(seed));
  return pairedDifference(
    seeds.map((seed) => today.bySeed.get(seed)![objective]),
    seeds.map((seed) => tried.bySeed.get(seed)![objective]),
  );
}

export function verdictsOf(today: Tried, tried: Tried): Verdicts {
  const verdict = (objective: Objective): 'better' | 'worse' | null => {
    const [low, high] = differenceOf(today, tried, objective)?.interval ?? [0, 0];
    return high < 0 ? 'better' : low > 0 ? 'worse' : null;
  };
  return { killed: verdict('killed'), stallShare: verdict('stallShare'), usedKib: verdict('usedKib') };
}

/**
 * The choice to recommend: better than today's values in something by more than chance, worse in nothing by more than chance, and no more
 * is killed. Of several, the one with which guests use the least memory.
 * @returns its position; null: there is none
 */
export function recommended(today: Tried, tried: readonly Tried[]): number | null {
  const fit = [...tried.entries()].filter(([, each]) => {
    const verdicts = Object.values(verdictsOf(today, each));
    const kills = differenceOf(today, each, 'killed');
    return verdicts.includes('better') && !verdicts.includes('worse') && (kills?.mean ?? 0) <= 0;
  });
  const [first] = fit.toSorted(([, a], [, b]) => meanOf(a).usedKib - meanOf(b).usedKib);
  return first?.[0] ?? null;
}

/**
 * Points that fill a space evenly, however many there are (J. H. Halton, 1960), from 0 to 1 in each dimension. The first of the sequence, which are
 * on a line in many dimensions, are left out.
 */
export function haltonPoints(count: number, dimensions: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, at) =>
    PRIMES.slice(0, dimensions).map((base) => radicalInverse(at + LEFT_OUT, base)),
  );
}

/** So many dimensions can be filled. */
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19] as const;
export const MOST_DIMENSIONS = PRIMES.length;

const LEFT_OUT = 20;

/** The digits of a number in a base, mirrored at the point. */
function radicalInverse(number: number, base: number): number {
  let [value, digit] = [0, 1 / base];
  for (let rest = number; rest > 0; rest = Math.floor(rest / base)) {
    value += (rest % base) * digit;
    digit /= base;
  }
  return value;
}

/** A round of the search: how many choices are simulated with how many seeds. */
export interface Round {
  readonly choices: number;
  /** All seeds so far. */
  readonly seeds: number;
}

/**
 * Successive halving: after each round the better half goes on, with twice as many seeds (K. Jamieson, A. Talwalkar, 2016).
 * @param choices at the beginning @param finalists that are judged at the end
 */
export function rounds(choices: number, finalists: number): readonly Round[] {
  const all: Round[] = [];
  for (let [left, seeds] = [choices, 1]; left > finalists; left = Math.max(finalists, Math.ceil(left / 2)), seeds *= 2)
    all.push({ choices: left, seeds });
  return all;
}
