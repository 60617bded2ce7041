import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { inWorkers } from '../support/worker-pool.ts';
import type { ResultCache } from './simulation-cache.ts';
import type { SimulationJob } from './simulation-job.ts';
import type { SimulationResult } from './simulation.ts';

export interface BatchOptions {
  /** Threads, at most one for each CPU: more would only need memory. null: one for each CPU. */
  readonly workers: number | null;
  /** null: everything is simulated. */
  readonly cache: ResultCache | null;
  /** Called with the simulated seconds of all jobs together. */
  readonly onProgress: (simulatedS: number) => void;
  /** Called for each job that has finished, in the order in which they finish. */
  readonly onResult?: (job: number, result: SimulationResult) => void;
  /** What has not finished by then has no result. */
  readonly stop: AbortSignal;
}

/**
 * Simulates many hosts in threads. Results do not depend on the number of threads.
 * @returns by job; undefined: it was stopped
 * @throws OperatorError
 */
export async function runBatch(
  jobs: readonly SimulationJob[],
  { workers, cache, onProgress, onResult, stop }: BatchOptions,
): Promise<readonly (SimulationResult | undefined)[]> {
  const results = jobs.map((): SimulationResult | undefined => undefined);
  const doneS = jobs.map(() => 0);
  let allDoneS = 0;
  const advance = (job: number, simulatedS: number): void => {
    allDoneS += simulatedS - doneS[job]!;
    doneS[job] = simulatedS;
    onProgress(allDoneS);
  };
  const keys = cache?.keys();
  const keyOf = jobs.map((): string | null => null);
  const kept: Promise<void>[] = [];
  await inWorkers(jobs, {
    module: workerModule(),
    workers: Math.min(workers ?? Infinity, availableParallelism()),
    async known(at) {
      const key = (await keys?.of(jobs[at]!)) ?? null;
      const result = key === null ? null : await cache!.read(key);
      // What was known is not kept again.
      keyOf[at] = result === null ? key : null;
      return result;
    },
    onProgress: advance,
    onResult: (at, result: SimulationResult) => {
      results[at] = result;
      advance(at, result.simulatedS);
      onResult?.(at, result);
      const key = keyOf[at] ?? null;
      if (key !== null) kept.push(cache!.write(key, jobs[at]!, result));
    },
    stop,
  });
  await Promise.all(kept);
  await cache?.prune();
  return results;
}

/** The thread: beside this module in the build, in a checkout its source. */
function workerModule(): URL {
  const built = new URL('./simulation-worker.js', import.meta.url);
  return existsSync(built) ? built : new URL('./simulation-worker.ts', import.meta.url);
}
