import {
  SHADOW_CLASSES,
  type ShadowClass,
  type ShadowComparison,
  type ShadowControlCounts,
  type ShadowDifference,
  type ShadowGuest,
  type ShadowHolds,
  type ShadowSummary,
  type TimedDifference,
} from '../model/shadow.ts';
import { BALLOON_TARGET } from './shadow-compare.ts';

/** A longer gap between two intervals counts as this much: the clock may have been set, or the host was suspended, milliseconds. */
const LONGEST_GAP_MS = 300_000;

/** Guests with differences that are remembered: beyond it, those that differed least are dropped. */
const MOST_GUESTS = 1000;

/** The guests of a summary. */
const MOST_SHOWN = 10;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Adds up how a shadow differs from its policy, in bounded memory. Time is that of the snapshots. */
export class ShadowTotals {
  #sinceMs: number | null = null;
  #lastMs: number | null = null;
  readonly #counts = { evaluations: 0, differing: 0, skipped: 0, errors: 0 };
  readonly #sums = { moreKibMs: 0, lessKibMs: 0 };
  readonly #controls = new Map<string, Record<ShadowClass, number>>();
  readonly #holds = new Map<string, Mutable<ShadowHolds>>();
  readonly #guests = new Map<string, Mutable<ShadowGuest>>();
  /** The last difference of each control of the host. */
  readonly #settings = new Map<string, TimedDifference>();
  /** By how much the shadow's size of a guest is above that of the policy, since the last evaluation, KiB. */
  #open = new Map<string, number>();

  /** By how much the shadow's sizes are above those of the policy now, and below, KiB. */
  get openKib(): { readonly moreKib: number; readonly lessKib: number } {
    let [moreKib, lessKib] = [0, 0];
    for (const kib of this.#open.values()) {
      moreKib += Math.max(0, kib);
      lessKib += Math.max(0, -kib);
    }
    return { moreKib, lessKib };
  }

  /** An interval has passed. @param comparison null: nothing was compared, so the last differences go on */
  add(timeMs: number, comparison: ShadowComparison | null): void {
    this.#pass(timeMs);
    if (comparison === null) return;
    const { evaluated, same, differences, agreed, holds, errors } = comparison;
    if (evaluated) {
      this.#counts.evaluations += 1;
      if (differences.length > 0) this.#counts.differing += 1;
      this.#open = new Map();
    }
    this.#counts.errors += errors.length;
    for (const [control, times] of same) this.#control(control).same += times;
    for (const uuid of agreed) this.#open.delete(uuid);
    for (const difference of differences) this.#differ(difference, timeMs);
    for (const [guard, { policy, shadow }] of holds) {
      const counts = this.#holds.get(guard) ?? { policy: 0, shadow: 0 };
      counts.policy += policy;
      counts.shadow += shadow;
      this.#holds.set(guard, counts);
    }
  }

  /** An evaluation was left out: what the shadow would have set is unknown until the next one. */
  skip(timeMs: number): void {
    this.#pass(timeMs);
    this.#counts.skipped += 1;
    this.#open = new Map();
  }

  summary(): ShadowSummary {
    return {
      ...{ sinceMs: this.#sinceMs, untilMs: this.#lastMs, ...this.#counts, ...this.#sums },
      controls: [...this.#controls]
        .map(([control, counts]): ShadowControlCounts => ({ control, ...counts }))
        .sort((a, b) => (a.control < b.control ? -1 : 1)),
      holds: [...this.#holds]
        .map(([guard, counts]) => ({ guard, ...counts }))
        .sort((a, b) => b.policy + b.shadow - a.policy - a.shadow || (a.guard < b.guard ? -1 : 1)),
      guests: this.#byWeight()
        .slice(0, MOST_SHOWN)
        .map((guest) => ({ ...guest })),
      settings: [...this.#settings.values()].sort((a, b) => (a.control < b.control ? -1 : 1)),
    };
  }

  /** The balloon of one guest; null: it never differed. */
  guest(uuid: string): ShadowGuest | null {
    return this.#guests.get(uuid) ?? null;
  }

  #pass(timeMs: number): void {
    this.#sinceMs ??= timeMs;
    const gapMs = Math.min(Math.max(0, timeMs - (this.#lastMs ?? timeMs)), LONGEST_GAP_MS);
    this.#lastMs = timeMs;
    for (const [uuid, kib] of this.#open) {
      const field = kib > 0 ? 'moreKibMs' : 'lessKibMs';
      this.#sums[field] += Math.abs(kib) * gapMs;
      const guest = this.#guests.get(uuid);
      if (guest !== undefined) guest[field] += Math.abs(kib) * gapMs;
    }
  }

  #differ(difference: ShadowDifference, timeMs: number): void {
    const { control, guest, policy, shadow } = difference;
    this.#control(control)[difference.class] += 1;
    if (guest === null) this.#settings.set(control, { ...difference, timeMs });
    if (control !== BALLOON_TARGET || guest === null || typeof policy !== 'number' || typeof shadow !== 'number')
      return;
    this.#open.set(guest.uuid, shadow - policy);
    const known = this.#guests.get(guest.uuid);
    const now = { ...difference, timeMs };
    if (known === undefined) {
      this.#guests.set(guest.uuid, { guest, differing: 1, moreKibMs: 0, lessKibMs: 0, largest: now });
      if (this.#guests.size > MOST_GUESTS * 1.25)
        for (const { guest: least } of this.#byWeight().slice(MOST_GUESTS)) this.#guests.delete(least.uuid);
      return;
    }
    known.guest = guest;
    known.differing += 1;
    if (sizeOf(now) > sizeOf(known.largest)) known.largest = now;
  }

  #byWeight(): readonly Mutable<ShadowGuest>[] {
    const weight = ({ moreKibMs, lessKibMs }: ShadowGuest): number => moreKibMs + lessKibMs;
    return [...this.#guests.values()].sort((a, b) => weight(b) - weight(a) || sizeOf(b.largest) - sizeOf(a.largest));
  }

  #control(name: string): Record<ShadowClass, number> {
    let counts = this.#controls.get(name);
    if (counts === undefined) {
      counts = Object.fromEntries(SHADOW_CLASSES.map((each) => [each, 0])) as Record<ShadowClass, number>;
      this.#controls.set(name, counts);
    }
    return counts;
  }
}

/** KiB. */
function sizeOf({ policy, shadow }: ShadowDifference): number {
  return typeof policy === 'number' && typeof shadow === 'number' ? Math.abs(shadow - policy) : 0;
}
