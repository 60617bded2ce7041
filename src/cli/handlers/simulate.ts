import { runBatch } from '../../compose/simulation-batch.ts';
import type { SimulationJob } from '../../compose/simulation-job.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { Progress } from '../support/progress.ts';
import { readScenarios } from '../support/read-scenarios.ts';
import { resultCache } from '../support/result-cache.ts';
import { checkPolicies, policyFiles } from '../support/simulated-policies.ts';
import { VERSION } from '../version.ts';
import { jsonLine, resultTable, type Finished } from './simulate-text.ts';

export interface SimulateOptions {
  /** Scenarios. */
  readonly files: readonly string[];
  readonly config: string | null;
  /** Files and names. Empty: those of the config. */
  readonly policies: readonly string[];
  readonly parameters: readonly ParamOverride[];
  readonly seed: number;
  readonly seeds: number;
  /** null: as long as the scenario says. */
  readonly durationMs: number | null;
  /** So many guests more than each scenario has. */
  readonly more: number;
  /** null: one for each CPU. */
  readonly jobs: number | null;
  /** Whether results of before are used. */
  readonly cache: boolean;
  readonly json: boolean;
  readonly output: string | null;
  /** The directory of the tables; null: none are written. */
  readonly parquet: string | null;
}

/**
 * `ballast simulate`: runs policies against simulated hosts and prints what that cost and gained. When it is stopped, what has
 * finished is printed.
 * @throws OperatorError
 */
export async function simulateScenarios(options: SimulateOptions, io: Io, stop: AbortSignal): Promise<number> {
  const scenarios = await readScenarios(options, io);
  const policies = await policyFiles(options.policies);
  await checkPolicies({ ...options, policies }, io);
  const jobs = jobsFor(scenarios, policies, options);
  if (options.output !== null && !/\.jsonl(?:\.gz)?$/.test(options.output))
    throw new OperatorError(`--output must be a path that ends with .jsonl or .jsonl.gz, not ${options.output}`);
  if (options.output !== null && jobs.length > 1)
    throw new OperatorError(
      `--output records one simulation, and these are ${jobs.length}: give one scenario and one seed`,
    );
  requireDistinct(jobs);
  const finished = await runAll(jobs, options, io, stop);
  const done = finished.filter((each) => each !== undefined);
  if (!options.json && done.length > 0) io.stdout.write(resultTable(done));
  if (done.length === jobs.length) return EXIT.ok;
  io.stderr.write(`stopped: ${done.length} of ${jobs.length} simulations finished\n`);
  return EXIT.problems;
}

/** @returns by job; undefined: it has not finished */
async function runAll(
  jobs: readonly SimulationJob[],
  { jobs: workers, cache: isCached, json }: SimulateOptions,
  io: Io,
  stop: AbortSignal,
): Promise<readonly (Finished | undefined)[]> {
  const finished = jobs.map((): Finished | undefined => undefined);
  const totalS = jobs.reduce((sum, { scenario }) => sum + scenario.durationS, 0);
  const progress = new Progress(io.stderr, totalS, 'simulated');
  let printed = 0;
  const onResult = (job: number, result: Finished['result']): void => {
    finished[job] = { ...jobs[job]!, result };
    if (!json) return;
    // In the order of the jobs, whichever ends first.
    for (let next = finished[printed]; next !== undefined; next = finished[++printed]) {
      progress.clear();
      io.stdout.write(jsonLine(next));
    }
  };
  try {
    const cache = isCached ? resultCache(io) : null;
    await runBatch(jobs, { workers, cache, onProgress: (doneS) => progress.show(doneS), onResult, stop });
  } finally {
    progress.clear();
  }
  return finished;
}

function jobsFor(
  scenarios: readonly Scenario[],
  policies: readonly string[] | null,
  { config, parameters, seed, seeds, output, parquet }: SimulateOptions,
): readonly SimulationJob[] {
  const createdBy = `ballast ${VERSION}`;
  return scenarios.flatMap((scenario) =>
    Array.from({ length: seeds }, (_, at): SimulationJob => {
      const tables = parquet === null ? null : { root: parquet, host: `${scenario.name}-${seed + at}`, createdBy };
      return { scenario, seed: seed + at, config, policies, parameters, output, tables };
    }),
  );
}

/** @throws OperatorError when two simulations would be written to the same place */
function requireDistinct(jobs: readonly SimulationJob[]): void {
  const hosts = new Set<string>();
  for (const { tables } of jobs) {
    if (tables === null) continue;
    if (hosts.has(tables.host))
      throw new OperatorError(
        `--parquet would write two simulations as host=${tables.host}: give scenarios of other names`,
      );
    hosts.add(tables.host);
  }
}
