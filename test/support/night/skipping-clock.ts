import { systemClock } from '../../../src/host/system-clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';

/** Called when an interval has finished, with the time at which the next one begins, milliseconds since the epoch. */
export type BetweenIntervals = (nextMs: number) => Promise<void>;

/** An interval never takes longer, milliseconds: a busy machine must not make the daemon leave out intervals. */
const MOST_MS = 1000;

/**
 * A clock that runs as the system's while an interval runs, and skips the time between two intervals, so that a daemon has an hour of
 * intervals in seconds. After {@link settle} it skips nothing.
 */
export class SkippingClock implements Clock {
  #baseMs: number;
  #baseMonotonicMs = 0;
  #sinceMs = performance.now();
  #between: BetweenIntervals | null;
  #isBetween = false;
  #aside: { readonly atMs: number; readonly wake: () => void }[] = [];

  /** @param startMs the time at first, milliseconds since the epoch */
  constructor(startMs: number, between: BetweenIntervals) {
    this.#baseMs = startMs;
    this.#between = between;
  }

  readonly now = (): number => this.#baseMs + this.#passedMs();
  readonly monotonic = (): number => this.#baseMonotonicMs + this.#passedMs();

  /** The next sleep is that of the loop of intervals. All others do not decide how fast time passes. */
  finishInterval(): void {
    this.#isBetween = true;
  }

  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    const atMs = this.monotonic() + ms;
    const isLoop = this.#isBetween;
    this.#isBetween = false;
    if (this.#between !== null && !isLoop) return this.#sleepAside(atMs, signal);
    if (!signal.aborted) await this.#between?.(this.now() + ms);
    if (this.#between === null) return systemClock.sleep(atMs - this.monotonic(), signal);
    this.skip(atMs - this.monotonic());
  };

  skip(ms: number): void {
    const passedMs = this.#passedMs() + Math.max(0, ms);
    this.#baseMs += passedMs;
    this.#baseMonotonicMs += passedMs;
    this.#sinceMs = performance.now();
    const due = this.#aside.filter(({ atMs }) => atMs <= this.#baseMonotonicMs);
    this.#aside = this.#aside.filter((each) => !due.includes(each));
    for (const { wake } of due) wake();
  }

  /** From now on it is a usual clock. */
  settle(): void {
    this.skip(0);
    this.#between = null;
    for (const { wake } of this.#aside.splice(0)) wake();
  }

  #sleepAside(atMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((wake) => {
      this.#aside.push({ atMs, wake });
      signal.addEventListener('abort', () => wake(), { once: true });
    });
  }

  #passedMs(): number {
    const passedMs = performance.now() - this.#sinceMs;
    return this.#between === null ? passedMs : Math.min(passedMs, MOST_MS);
  }
}
