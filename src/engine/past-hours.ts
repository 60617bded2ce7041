import type { Hour } from './kept-hours.ts';
import { LEAST_SAMPLES, type Past } from '../model/past.ts';
import { numbersIn, percentileOf, type Bins } from '../support/histogram.ts';

export const HOUR_MS = 3_600_000;

/** Results that are kept for an entity; a policy reads few different ones. */
const MOST_RESULTS = 64;

/** How long before `nowMs` an hour may have begun, to be one of the last `seconds`: hours do not begin at the same second. */
export function firstStartMs(nowMs: number, seconds: number): number {
  return nowMs - seconds * 1000 - HOUR_MS / 2;
}

/** The complete hours of one entity, as they were when the current hour began. Immutable, apart from remembered results. */
export class PastHours implements Past {
  readonly #kept: ReadonlySet<string>;
  readonly #fields: ReadonlyMap<string, readonly (Bins | null)[]>;
  readonly #hours: readonly Hour[];
  readonly #current: Hour;
  readonly #results = new Map<string, number | null>();

  /**
   * @param kept the names of all fields that are kept
   * @param fields a histogram for each of the hours
   * @param hours complete, oldest first
   */
  constructor(
    kept: ReadonlySet<string>,
    fields: ReadonlyMap<string, readonly (Bins | null)[]>,
    hours: readonly Hour[],
    current: Hour,
  ) {
    this.#kept = kept;
    this.#fields = fields;
    this.#hours = hours;
    this.#current = current;
  }

  keeps(field: string): boolean {
    return this.#kept.has(field);
  }

  percentile(field: string, share: number, seconds: number): number | null {
    const from = firstStartMs(this.#current.startMs, seconds);
    return this.#once(`over ${seconds} ${share} ${field}`, () =>
      this.#of(field, share, (hour) => hour.startMs >= from),
    );
  }

  sameHour(field: string, share: number): number | null {
    const { ofDay } = this.#current;
    return this.#once(`same ${share} ${field}`, () => this.#of(field, share, (hour) => hour.ofDay === ofDay));
  }

  #of(field: string, share: number, counts: (hour: Hour) => boolean): number | null {
    const all = (this.#fields.get(field) ?? []).filter(
      (bins, at): bins is Bins => bins !== null && counts(this.#hours[at]!),
    );
    return numbersIn(all) < LEAST_SAMPLES ? null : percentileOf(all, share);
  }

  #once(key: string, find: () => number | null): number | null {
    let found = this.#results.get(key);
    if (found !== undefined) return found;
    found = find();
    if (this.#results.size >= MOST_RESULTS) this.#results.clear();
    this.#results.set(key, found);
    return found;
  }
}
