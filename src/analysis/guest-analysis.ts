import type { GuestRef } from '../model/control.ts';
import { RangeColumn, SumColumn, type Range } from './columns.ts';
import { BALLOON_TARGET, type TimelineEvent } from '../tooling/timeline/event.ts';
import { Episodes, type Episode } from './episodes.ts';
import type { Grid } from './grid.ts';
import { MOST, type GuestReading } from './readings.ts';

/** What became of one guest in a recording. Sizes are KiB. */
export interface GuestAnalysis extends GuestRef {
  /** How long its readings cover, seconds. */
  readonly seconds: number;
  /** The largest maximum, and the size when it was last seen; null: unknown. */
  readonly maxKib: number | null;
  readonly lastKib: number | null;
  readonly leastKib: number | null;
  readonly mostUsedKib: number | null;
  readonly mostResidentKib: number | null;
  /** Memory in its balloon over time, KiB times hours. */
  readonly takenKibHours: number;
  readonly painSeconds: number;
  readonly oomKills: number;
  /** Writes of its balloon that made it smaller and larger, and writes that were not done. */
  readonly taken: number;
  readonly given: number;
  readonly failed: number;
  /** Requests that were held back. */
  readonly held: number;
  readonly episodes: readonly Episode[];
  readonly series: GuestSeries;
}

export interface GuestSeries {
  readonly target: Range;
  readonly actual: Range;
  readonly used: Range;
  readonly resident: Range;
  /** Seconds in each bucket. */
  readonly pain: readonly number[];
  readonly oomKills: readonly number[];
}

/** Episodes that are kept of one guest. */
const MOST_EPISODES = 500;

const HOUR_MS = 3_600_000;

/** Accumulates the readings of one guest. */
export class GuestAccumulator {
  readonly ref: GuestRef;
  readonly #columns: { readonly [name in 'target' | 'actual' | 'used' | 'resident']: RangeColumn };
  readonly #pain: SumColumn;
  readonly #oom: SumColumn;
  readonly #episodes: Episodes;
  /** The target that Ballast has written last, KiB; null: none so far. */
  targetKib: number | null = null;
  held = 0;
  readonly #counts = { taken: 0, given: 0, set: 0, failed: 0 };
  #coveredMs = 0;
  #takenKibMs = 0;
  #painMs = 0;
  #oomKills = 0;
  #maxKib: number | null = null;
  #lastKib: number | null = null;
  #leastKib: number | null = null;
  #mostUsedKib: number | null = null;
  #mostResidentKib: number | null = null;

  constructor(ref: GuestRef, grid: Grid, gapMs: number) {
    this.ref = ref;
    const column = () => new RangeColumn(grid);
    this.#columns = { target: column(), actual: column(), used: column(), resident: column() };
    this.#pain = new SumColumn(grid);
    this.#oom = new SumColumn(grid);
    this.#episodes = new Episodes(MOST_EPISODES, gapMs);
  }

  write(timeMs: number, event: TimelineEvent): void {
    this.#counts[this.#episodes.add(timeMs, event)] += 1;
    const isSent = event.status === 'done' || event.status === 'pending';
    if (isSent && event.control === BALLOON_TARGET && typeof event.to === 'number' && Math.abs(event.to) <= MOST)
      this.targetKib = event.to;
  }

  /** A reading holds from one bucket to another, for so many milliseconds. */
  add(reading: GuestReading, targetKib: number | null, first: number, last: number, heldMs: number): void {
    const { actualKib, usedKib, residentKib, maxKib } = reading;
    for (let at = first; at <= last; at++) {
      if (targetKib !== null) this.#columns.target.add(at, targetKib);
      if (actualKib !== null) this.#columns.actual.add(at, actualKib);
      if (usedKib !== null) this.#columns.used.add(at, usedKib);
      if (residentKib !== null) this.#columns.resident.add(at, residentKib);
    }
    this.#coveredMs += heldMs;
    if (actualKib !== null && maxKib !== null) this.#takenKibMs += Math.max(0, maxKib - actualKib) * heldMs;
    if (reading.isInPain) {
      this.#painMs += heldMs;
      this.#pain.add(first, heldMs / 1000);
    }
    this.#oomKills += reading.oomKills;
    if (reading.oomKills > 0) this.#oom.add(first, reading.oomKills);
    this.#maxKib = most(this.#maxKib, maxKib);
    this.#lastKib = actualKib ?? this.#lastKib;
    this.#leastKib = this.#leastKib === null ? actualKib : Math.min(this.#leastKib, actualKib ?? Infinity);
    this.#mostUsedKib = most(this.#mostUsedKib, usedKib);
    this.#mostResidentKib = most(this.#mostResidentKib, residentKib);
  }

  /** @param merge so many buckets of the grid become one in the series */
  result(grid: Grid, merge: number): GuestAnalysis {
    const { target, actual, used, resident } = this.#columns;
    return {
      ...this.ref,
      ...{ seconds: this.#coveredMs / 1000, maxKib: this.#maxKib, lastKib: this.#lastKib, leastKib: this.#leastKib },
      ...{ mostUsedKib: this.#mostUsedKib, mostResidentKib: this.#mostResidentKib },
      ...{ takenKibHours: this.#takenKibMs / HOUR_MS, painSeconds: this.#painMs / 1000, oomKills: this.#oomKills },
      ...{ taken: this.#counts.taken, given: this.#counts.given, failed: this.#counts.failed, held: this.held },
      episodes: this.#episodes.list(),
      series: {
        ...{ target: target.range(grid, merge), actual: actual.range(grid, merge), used: used.range(grid, merge) },
        ...{ resident: resident.range(grid, merge), pain: this.#pain.sums(grid, merge) },
        oomKills: this.#oom.sums(grid, merge),
      },
    };
  }
}

function most(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.max(one, other);
}
