/** The increase of a counter between two readings. */
export interface Gain {
  readonly gained: number;
  readonly elapsedMs: number;
}

/** Counters that are not read for this time are dropped: the daemon outlives the guests. */
const EXPIRES_AFTER_MS = 3_600_000;

/** Stores the last readings of monotonic counters by name and returns their increase. */
export class Counters {
  readonly #last = new Map<string, { readonly value: number; readonly timeMs: number }>();
  #sweptMs = 0;

  /**
   * null for the first reading, and when the counter or the clock went backwards: the process was restarted or the
   * clock was set, so the difference is meaningless.
   */
  update(name: string, value: number, timeMs: number): Gain | null {
    const before = this.#last.get(name);
    this.#last.set(name, { value, timeMs });
    this.#sweep(timeMs);
    if (before === undefined || value < before.value || timeMs <= before.timeMs) return null;
    return { gained: value - before.value, elapsedMs: timeMs - before.timeMs };
  }

  #sweep(timeMs: number): void {
    if (Math.abs(timeMs - this.#sweptMs) < EXPIRES_AFTER_MS) return;
    this.#sweptMs = timeMs;
    for (const [name, entry] of this.#last) {
      if (Math.abs(timeMs - entry.timeMs) >= EXPIRES_AFTER_MS) this.#last.delete(name);
    }
  }
}

/** Increase per second; null when {@link Counters.update} returned null. */
export function perSecond(gain: Gain | null): number | null {
  return gain && (gain.gained * 1000) / gain.elapsedMs;
}
