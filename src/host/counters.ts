/** What a counter has gained between two looks at it. */
export interface Gain {
  readonly gained: number;
  readonly elapsedMs: number;
}

/** Entries that nobody has asked about for so long are dropped: guests come and go, the daemon stays. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** Remembers counters that only grow, by name, and tells what they gained since the last look. */
export class Counters {
  readonly #last = new Map<string, { readonly value: number; readonly timeMs: number }>();
  #sweptMs = 0;

  /**
   * null at the first look, and when the counter or the clock went backwards: that was a new process or a clock that
   * was set, and the difference would mean nothing.
   */
  look(name: string, value: number, timeMs: number): Gain | null {
    const before = this.#last.get(name);
    this.#last.set(name, { value, timeMs });
    this.#sweep(timeMs);
    if (before === undefined || value < before.value || timeMs <= before.timeMs) return null;
    return { gained: value - before.value, elapsedMs: timeMs - before.timeMs };
  }

  #sweep(timeMs: number): void {
    if (Math.abs(timeMs - this.#sweptMs) < FORGOTTEN_AFTER_MS) return;
    this.#sweptMs = timeMs;
    for (const [name, entry] of this.#last) {
      if (Math.abs(timeMs - entry.timeMs) >= FORGOTTEN_AFTER_MS) this.#last.delete(name);
    }
  }
}

/** Per second; null where there is no gain to speak of (see {@link Counters.look}). */
export function perSecond(gain: Gain | null): number | null {
  return gain && (gain.gained * 1000) / gain.elapsedMs;
}
