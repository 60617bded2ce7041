import { MOST_GUESTS, type Scenario } from '../simulation/scenario/model.ts';
import type { Measured } from '../simulation/measure.ts';
import { meanWithInterval } from './estimate.ts';
import type { Gate } from './gates.ts';

/** A limit that a load does not keep. */
export interface BrokenLimit {
  readonly limit: Gate;
  readonly value: number;
  readonly most: number;
}

/** What was found out about one seed: whether the limits were kept, by the number of guests. */
export type Asked = ReadonlyMap<number, boolean>;

/** What is known about one seed. */
export interface SeedSearch {
  readonly seed: number;
  /** Whether the limits were kept, by the number of guests. */
  readonly asked: Map<number, boolean>;
  /** What was broken, by the number of guests. */
  readonly broken: Map<number, readonly BrokenLimit[]>;
  /** null: it was stopped before. */
  bound: number | null;
}

/** A search for the largest load: of one policy in one scenario. */
export interface CapacitySearch {
  readonly scenario: Scenario;
  readonly policy: string;
  readonly limits: readonly Gate[];
  readonly seeds: readonly SeedSearch[];
  readonly isFinished: boolean;
}

/** How many guests one seed carries. */
export interface Carried {
  /** All that was simulated with so many guests, or fewer, keeps the limits; 0: not even one guest does. */
  readonly guests: number;
  /** The least number that does not; null: none was found. */
  readonly fails: number | null;
  /** Numbers above `fails` that keep the limits all the same. */
  readonly keptAbove: readonly number[];
}

/** The load over all seeds. */
export interface Capacity {
  readonly least: number;
  readonly median: number;
  readonly most: number;
  readonly mean: number;
  /** The 95 % confidence interval of the mean; null: one seed says nothing about others. */
  readonly interval: readonly [low: number, high: number] | null;
  /** With 95 % confidence, at least this share of all seeds carries `least`. */
  readonly coveredShare: number;
}

/** @returns the limits that are broken, the one that is exceeded most first */
export function brokenLimits(measured: Measured, limits: readonly Gate[]): readonly BrokenLimit[] {
  const excess = ({ value, most }: BrokenLimit): number => (most === 0 ? Infinity : value / most);
  return limits
    .flatMap((limit): BrokenLimit[] => {
      if (!('value' in limit.limit)) return [];
      const most = limit.limit.value;
      const value = limit.measures.reduce((sum, measure) => sum + (measure.of(measured) ?? 0), 0);
      const isKept = limit.sign === '<=' ? value <= most : value >= most;
      return isKept ? [] : [{ limit, value, most }];
    })
    .toSorted((a, b) => excess(b) - excess(a));
}

/**
 * Bisection. What more guests do is nearly always worse, but not always, so the numbers next to the result are asked for too, and
 * everything that is known to fail counts.
 * @param start with which it begins
 * @returns the number of guests to simulate next; null: the result is known
 */
export function nextGuests(asked: Asked, start: number): number | null {
  if (asked.size === 0) return clamped(start);
  const { guests, fails } = carried(asked);
  if (fails === null) {
    const most = Math.max(...asked.keys());
    return most >= MOST_GUESTS ? null : clamped(most + Math.max(1, Math.ceil(most / 4)));
  }
  if (fails - guests > 1) return Math.floor((guests + fails) / 2);
  return [fails + 1, guests - 1].find((near) => near >= 1 && near <= MOST_GUESTS && !asked.has(near)) ?? null;
}

function clamped(guests: number): number {
  return Math.max(1, Math.min(MOST_GUESTS, guests));
}

export function carried(asked: Asked): Carried {
  const counts = [...asked.keys()].toSorted((a, b) => a - b);
  const fails = counts.find((count) => asked.get(count) === false) ?? null;
  const kept = counts.filter((count) => asked.get(count) === true);
  const below = kept.filter((count) => fails === null || count < fails);
  return { guests: below.at(-1) ?? 0, fails, keptAbove: kept.filter((count) => fails !== null && count > fails) };
}

/**
 * The share is exact and needs no distribution: if `least` held for a smaller share `p` of all seeds, then that it holds for all `n` that
 * were drawn would have a probability of `p ** n` < 5 % (S. S. Wilks, Determination of Sample Sizes for Setting Tolerance Limits, 1941).
 * @param guests what each seed carries, at least one
 */
export function capacityOf(guests: readonly number[]): Capacity {
  const sorted = guests.toSorted((a, b) => a - b);
  const { mean, interval } = meanWithInterval(guests);
  return {
    ...{ least: sorted[0]!, median: sorted[Math.floor((sorted.length - 1) / 2)]!, most: sorted.at(-1)! },
    ...{ mean, interval, coveredShare: 0.05 ** (1 / guests.length) },
  };
}
