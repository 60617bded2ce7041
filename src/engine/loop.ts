import type { Clock } from '../ports/clock.ts';

export interface LoopOptions {
  /** How often statistics are collected, milliseconds. */
  readonly collectIntervalMs: number;
  /** How often the policy is evaluated, milliseconds: with the first collection at or after each multiple of it. */
  readonly policyIntervalMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** One interval. An exception is a bug and ends the loop. */
  readonly interval: (policyIsDue: boolean) => Promise<void>;
  /** Called when intervals were skipped because the last one took too long. */
  readonly onSkipped: (count: number) => void;
}

/**
 * Runs intervals on a fixed grid until the signal is aborted, so that they do not drift by the time the work takes.
 * Never two at once: an interval that comes due while another runs is skipped and counted, not queued.
 * The running interval is finished when the signal is aborted.
 */
export async function runLoop(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { clock, collectIntervalMs } = options;
  const start = clock.monotonic();
  let turn = 0;
  const policy = new DueTimes(options.policyIntervalMs);
  while (!signal.aborted) {
    await options.interval(policy.isDue(turn * collectIntervalMs));
    const next = Math.max(turn + 1, Math.ceil((clock.monotonic() - start) / collectIntervalMs));
    if (next > turn + 1) options.onSkipped(next - turn - 1);
    turn = next;
    await clock.sleep(start + turn * collectIntervalMs - clock.monotonic(), signal);
  }
}

/** Finds the first of ascending times at or after each multiple of an interval. A time that goes back restarts the series. */
export class DueTimes {
  readonly #intervalMs: number;
  #next = -Infinity;
  #last = -Infinity;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  isDue(atMs: number): boolean {
    if (atMs < this.#last) this.#next = -Infinity;
    this.#last = atMs;
    if (atMs < this.#next) return false;
    const from = this.#next === -Infinity ? atMs : this.#next;
    this.#next = from + (Math.floor((atMs - from) / this.#intervalMs) + 1) * this.#intervalMs;
    return true;
  }
}
