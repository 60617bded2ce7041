import { systemClock } from '../../src/host/system-clock.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** Only stops a hang. */
const LIMIT_MS = 20_000;

/** The system clock, which also lets tests wait for the end of an interval: the daemon sleeps then. */
export class WatchedClock implements Clock {
  readonly now = systemClock.now;
  readonly monotonic = systemClock.monotonic;
  /** The signal of the last sleep. */
  lastSignal: AbortSignal | null = null;
  #waiting: (() => void)[] = [];

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    this.lastSignal = signal;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    return systemClock.sleep(ms, signal);
  };

  /** Resolves when the condition is true; it is checked whenever a sleep starts. */
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
