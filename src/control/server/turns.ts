import { setImmediate as yieldToEventLoop, setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';

/** A task that took longer may have been slow for other reasons, milliseconds. */
const LONGEST_REST_MS = 1000;

/**
 * Lets tasks run one after the other, with a turn of the event loop between them, and refuses them when too many wait. After each task
 * there is a rest, so that clients who ask without end take a share of the thread, and the intervals have the others.
 */
export class Turns {
  readonly #most: number;
  readonly #restShare: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param restShare how long the rest is, as a multiple of the task's time */
  constructor(most: number, restShare = 0) {
    this.#most = most;
    this.#restShare = restShare;
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
    const restMs = Math.min(tookMs * this.#restShare, LONGEST_REST_MS);
    if (restMs >= 1) await sleep(restMs, undefined, { ref: false });
  }
}
