import { runBatch } from '../../compose/simulation-batch.ts';
import type { SimulationJob } from '../../compose/simulation-job.ts';
import type { SimulationResult } from '../../compose/simulation.ts';
import type { Io } from './io.ts';
import { Progress } from './progress.ts';
import { resultCache } from './result-cache.ts';
import type { SimulationChoice } from './simulation-choice.ts';

export interface RunOptions extends Pick<SimulationChoice, 'jobs' | 'cache'> {
  /** What the line of progress says is done. Default: `simulated`. */
  readonly label?: string;
  /** Called for each job that has finished. @param clear removes the line of progress, before something is printed */
  readonly onResult?: (job: number, result: SimulationResult, clear: () => void) => void;
}

/**
 * Simulates with a line of progress.
 * @returns by job; undefined: it was stopped
 * @throws OperatorError
 */
export async function runSimulations(
  jobs: readonly SimulationJob[],
  { jobs: workers, cache: isCached, label = 'simulated', onResult }: RunOptions,
  io: Io,
  stop: AbortSignal,
): Promise<readonly (SimulationResult | undefined)[]> {
  const totalS = jobs.reduce((sum, { scenario }) => sum + scenario.durationS, 0);
  const progress = new Progress(io.stderr, totalS, label);
  const clear = (): void => progress.clear();
  try {
    return await runBatch(jobs, {
      ...{ workers, cache: isCached ? resultCache(io) : null, stop },
      onProgress: (doneS) => progress.show(doneS),
      onResult: (job, result) => onResult?.(job, result, clear),
    });
  } finally {
    clear();
  }
}
