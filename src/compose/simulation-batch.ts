import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { inWorkers } from '../support/worker-pool.ts';
import type { ResultCache } from './simulation-cache.ts';
import type { SimulationJob } from './simulation-job.ts';
import type { SimulationResult } from './simulation.ts';

export interface BatchOptions {
  /** Threads; null: one for each CPU. */
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
  const finish = (job: number, result: SimulationResult): void => {
    results[job] = result;
    advance(job, result.simulatedS);
    onResult?.(job, result);
  };
  const keys = await Promise.all(jobs.map(async (job) => (await cache?.keyOf(job)) ?? null));
  const missing: number[] = [];
  for (const [at, key] of keys.entries()) {
    const known = key === null ? null : await cache!.read(key);
    if (known === null) missing.push(at);
    else finish(at, known);
  }
  const kept: Promise<void>[] = [];
  await inWorkers(
    missing.map((at) => jobs[at]!),
    {
      module: workerModule(),
      workers: workers ?? availableParallelism(),
      onProgress: (at, simulatedS: number) => advance(missing[at]!, simulatedS),
      onResult: (at, result: SimulationResult) => {
        const job = missing[at]!;
        finish(job, result);
        const key = keys[job];
        if (key !== null && key !== undefined) kept.push(cache!.write(key, jobs[job]!, result));
      },
      stop,
    },
  );
  await Promise.all(kept);
  await cache?.prune();
  return results;
}

/** The thread: beside this module in the build, in a checkout its source. */
function workerModule(): URL {
  const built = new URL('./simulation-worker.js', import.meta.url);
  return existsSync(built) ? built : new URL('./simulation-worker.ts', import.meta.url);
}
