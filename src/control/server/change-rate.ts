import { ApiError } from './api-error.ts';

/** Changes that may follow each other at once, and how soon there may be another one, milliseconds. */
const BURST = 100;
const PERIOD_MS = 1000;

/**
 * Bounds how fast clients change things. Each change is logged: a client that repeats one without end would fill the disk, and leaving
 * lines out would hide what others do meanwhile.
 */
export class ChangeRate {
  readonly #now: () => number;
  #left = BURST;
  #updatedMs: number;

  /** @param now milliseconds, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#updatedMs = now();
  }

  /** @throws ApiError 429 when there were too many */
  take(): void {
    const nowMs = this.#now();
    this.#left = Math.min(BURST, this.#left + (nowMs - this.#updatedMs) / PERIOD_MS);
    this.#updatedMs = nowMs;
    if (this.#left < 1)
      throw new ApiError(429, `there were more than ${BURST} changes, and one may follow each second; try again later`, [], { 'retry-after': '1' }); // prettier-ignore
    this.#left -= 1;
  }
}
