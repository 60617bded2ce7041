import { untilAborted } from '../support/deadline.ts';

/** Limits how much of a kind is done at once; the others wait. */
export class Places {
  readonly #limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits for a place, then works. @throws the reason of `signal` when it aborts before; the error of the work */
  async use<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (this.#taken >= this.#limit) await untilAborted(signal, this.#freed());
    this.#taken += 1;
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      // All of them: one that no longer waits must not keep the place from the others.
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  #freed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
