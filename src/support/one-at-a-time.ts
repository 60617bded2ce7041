import { waitAtMost } from './deadline.ts';

/**
 * Looks at something that may hang, such as a file on a dead file system: never waits longer than the limit, and starts no second
 * look while one hangs. A look that takes longer must not reject.
 */
export class OneAtATime<Found> {
  readonly #limitMs: number;
  #hanging = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** What was found; null: not in time, or an earlier look hangs. */
  async look(at: () => Promise<Found>): Promise<{ readonly found: Found } | null> {
    if (this.#hanging) return null;
    const looking = at();
    const looked = await waitAtMost(looking, { ms: this.#limitMs });
    if (looked.ended) return { found: looked.value };
    this.#hanging = true;
    void looking.then(() => {
      this.#hanging = false;
    });
    return null;
  }
}
