import { setImmediate as yieldToEventLoop, setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';

/** A task that should be short and took longer was slow for other reasons, milliseconds. */
const LONGEST_REST_MS = 1000;
/** The same where a task may take seconds. */
export const LONGEST_REST_AFTER_LONG_MS = 15_000;

/**
 * Lets tasks run one after the other, with a turn of the event loop between them, and refuses them when too many wait. After each task
 * there is a rest, so that clients who ask without end take a share of the thread, and the intervals have the others.
 */
export class Turns {
  readonly #most: number;
  readonly #restShare: number;
  readonly #longestRestMs: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param restShare how long the rest is, as a multiple of the task's time */
  constructor(most: number, restShare = 0, longestRestMs = LONGEST_REST_MS) {
    this.#most = most;
    this.#restShare = restShare;
    this.#longestRestMs = longestRestMs;
  }

  /** @throws ApiError 503 when too many wait; what the task throws */
  async run<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    if (this.#waiting >= this.#most)
      throw new ApiError(503, `${this.#most} such requests wait already; try again in a second`, [], {
        'retry-after': '1',
      });
    this.#waiting += 1;
    let beganMs = 0;
    const turn = this.#last.then(async () => {
      await yieldToEventLoop();
      beganMs = performance.now();
      return task();
    });
    const rest = (): Promise<void> => this.#rest(performance.now() - beganMs);
    this.#last = turn.then(rest, rest);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #rest(tookMs: number): Promise<void> {
    const restMs = Math.min(tookMs * this.#restShare, this.#longestRestMs);
    if (restMs >= 1) await sleep(restMs, undefined, { ref: false });
  }
}
