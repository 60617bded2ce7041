/** The items that appeared and disappeared between the lists of two intervals. */
export interface Changes<T> {
  readonly began: readonly T[];
  readonly ended: readonly T[];
}

/**
 * Detects which conditions began and which ended, so that each is logged once and not every interval.
 * Two items with the same key are the same condition.
 */
export class ChangeTracker<T> {
  readonly #keyOf: (item: T) => string;
  #present = new Map<string, T>();

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  update(items: readonly T[]): Changes<T> {
    const next = new Map(items.map((item) => [this.#keyOf(item), item]));
    const began = [...next].filter(([key]) => !this.#present.has(key)).map(([, item]) => item);
    const ended = [...this.#present].filter(([key]) => !next.has(key)).map(([, item]) => item);
    this.#present = next;
    return { began, ended };
  }
}
