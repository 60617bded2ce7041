import type { Held } from '../model/decision.ts';
import { excerpt, withoutNumbers } from '../model/text.ts';
import { inUnit } from '../tooling/explain/show.ts';
import { BALLOON_TARGET } from '../tooling/timeline/event.ts';
import { SumColumn } from './columns.ts';
import type { Grid } from './grid.ts';

/** Requests that one guard held back. */
export interface GuardHolds {
  /** `Ballast`: held back by its controller, or by Ballast itself. */
  readonly guard: string;
  readonly requests: number;
  readonly guests: number;
  /** The most frequent reason, with the figures of its last time. */
  readonly why: string;
  /** Requests in each bucket. */
  readonly perBucket: readonly number[];
}

/** Guards, guests and reasons that are told apart: a recording may be made up. */
const MOST_GUARDS = 40;
const MOST_GUESTS = 10_000;
const MOST_REASONS = 100;
const OTHERS = 'others';
const WHY = 200;

interface Kept {
  readonly column: SumColumn;
  readonly guests: Set<string>;
  readonly reasons: Map<string, { count: number; last: string }>;
  requests: number;
}

/** Counts what guards held back. */
export class Holds {
  readonly #grid: Grid;
  readonly #guards = new Map<string, Kept>();

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  add(at: number, { kind, guard, guest, why, control }: Held): void {
    if (kind !== 'held') return;
    const kept = this.#keptOf(typeof guard === 'string' ? guard : 'Ballast');
    kept.requests += 1;
    kept.column.add(at, 1);
    if (guest !== null && kept.guests.size < MOST_GUESTS) kept.guests.add(guest.uuid);
    const words = inUnit(excerpt(why, WHY), control === BALLOON_TARGET ? 'KiB' : null);
    const reason = kept.reasons.get(withoutNumbers(words));
    if (reason !== undefined) Object.assign(reason, { count: reason.count + 1, last: words });
    else if (kept.reasons.size < MOST_REASONS) kept.reasons.set(withoutNumbers(words), { count: 1, last: words });
  }

  /** By guard, the one with the most requests first. */
  list(): readonly GuardHolds[] {
    return [...this.#guards]
      .map(([guard, { requests, guests, reasons, column }]) => ({
        ...{ guard: excerpt(guard), requests, guests: guests.size },
        why: [...reasons.values()].reduce((most, reason) => (reason.count > most.count ? reason : most)).last,
        perBucket: column.sums(this.#grid),
      }))
      .sort((one, other) => other.requests - one.requests);
  }

  #keptOf(guard: string): Kept {
    const name = this.#guards.has(guard) || this.#guards.size < MOST_GUARDS ? guard : OTHERS;
    const known = this.#guards.get(name);
    if (known !== undefined) return known;
    const kept = { column: new SumColumn(this.#grid), guests: new Set<string>(), reasons: new Map(), requests: 0 };
    this.#guards.set(name, kept);
    return kept;
  }
}
