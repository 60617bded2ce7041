import { systemClock } from '../../src/host/system-clock.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** The limit only stops a hang. */
const LIMIT_MS = 20_000;

/** The machine's clock, and what a test waits by: a daemon sleeps on it when an interval is over. */
export class WatchedClock implements Clock {
  readonly now = systemClock.now;
  readonly monotonic = systemClock.monotonic;
  /** What ends the sleep that began last. */
  lastSignal: AbortSignal | null = null;
  #waiting: (() => void)[] = [];

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    this.lastSignal = signal;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    return systemClock.sleep(ms, signal);
  };

  /** Resolves when that holds; it is looked at whenever a sleep begins. */
  async until(holds: () => boolean | Promise<boolean>, whenNever: () => Error): Promise<void> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const tooLate = aborted(limit);
    while (!limit.aborted) {
      const asleep = new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (await holds()) return;
      await Promise.race([asleep, tooLate]);
    }
    throw whenNever();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
