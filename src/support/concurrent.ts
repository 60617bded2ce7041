import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

export interface ConcurrentOptions {
  /** How many items may be under way at once, from 1. */
  readonly limit: number;
  /** Once it aborts no further item is begun; what is under way is waited for. */
  readonly signal?: AbortSignal;
  /** After each so many items other work of the process gets a turn. */
  readonly itemsPerTurn?: number;
}

/**
 * Does the work for each item, begun in order, a bounded number at a time.
 * @throws the first error of the work, at once; the other items are still worked on
 */
export async function forEachConcurrent<T>(
  items: readonly T[],
  { limit, signal, itemsPerTurn }: ConcurrentOptions,
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && signal?.aborted !== true) {
      const index = next++;
      await work(items[index]!, index);
      if (itemsPerTurn !== undefined && (index + 1) % itemsPerTurn === 0) await turnOfEventLoop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
