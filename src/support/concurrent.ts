import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

export interface ConcurrentOptions {
  /** Maximum number of items processed at once, from 1. */
  readonly limit: number;
  /** After it aborts, no further items are started; running ones are awaited. */
  readonly signal?: AbortSignal;
  /** Yields to the event loop after every this many items. Absent: never. */
  readonly itemsPerTurn?: number;
}

/**
 * Runs `work` for each item, started in order, with bounded concurrency.
 * @throws the first error of `work`, at once; the other items are still processed
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
