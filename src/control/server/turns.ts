import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { ApiError } from './api-error.ts';

/** Lets tasks run one after the other, with a turn of the event loop between them, and refuses them when too many wait. */
export class Turns {
  readonly #most: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws ApiError 503 when too many wait; what the task throws */
  async run<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    if (this.#waiting >= this.#most)
      throw new ApiError(503, `${this.#most} such requests wait already; try again in a second`, [], {
        'retry-after': '1',
      });
    this.#waiting += 1;
    const turn = this.#last.then(async () => {
      await yieldToEventLoop();
      return task();
    });
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
