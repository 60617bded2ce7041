import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { SimulationJob } from '../../compose/simulation-job.ts';
import type { SimulationResult } from '../../compose/simulation.ts';
import { loadScenarios } from '../../compose/scenario-source.ts';
import { loadSetup } from '../../compose/setup.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { inWorkers } from '../../support/worker-pool.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { Progress } from '../support/progress.ts';
import { warnOfInferred } from '../support/inferred.ts';
import { shippedPolicies } from '../support/shipped-policies.ts';
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
  readonly json: boolean;
  readonly output: string | null;
}

/** The policy that decides nothing. */
const NONE = 'none';

/**
 * `ballast simulate`: runs policies against simulated hosts and prints what that cost and gained. When it is stopped, what has
 * finished is printed.
 * @throws OperatorError
 */
export async function simulateScenarios(options: SimulateOptions, io: Io, stop: AbortSignal): Promise<number> {
  const scenarios = await readScenarios(options, io);
  const policies = await policiesOf(options);
  await warnAbout(options, policies, io);
  const jobs = jobsFor(scenarios, policies, options);
  if (options.output !== null && !/\.jsonl(?:\.gz)?$/.test(options.output))
    throw new OperatorError(`--output must be a path that ends with .jsonl or .jsonl.gz, not ${options.output}`);
  if (options.output !== null && jobs.length > 1)
    throw new OperatorError(
      `--output records one simulation, and these are ${jobs.length}: give one scenario and one seed`,
    );
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
  { jobs: workers, json }: SimulateOptions,
  io: Io,
  stop: AbortSignal,
): Promise<readonly (Finished | undefined)[]> {
  const finished = jobs.map((): Finished | undefined => undefined);
  const doneS = jobs.map(() => 0);
  let allDoneS = 0;
  const totalS = jobs.reduce((sum, { scenario }) => sum + scenario.durationS, 0);
  const progress = new Progress(io.stderr, totalS, 'simulated');
  const show = (job: number, simulatedS: number): void => {
    allDoneS += simulatedS - doneS[job]!;
    doneS[job] = simulatedS;
    progress.show(allDoneS);
  };
  let printed = 0;
  const onResult = (job: number, result: SimulationResult): void => {
    show(job, result.simulatedS);
    finished[job] = { ...jobs[job]!, result };
    if (!json) return;
    // In the order of the jobs, whichever ends first.
    for (let next = finished[printed]; next !== undefined; next = finished[++printed]) {
      progress.clear();
      io.stdout.write(jsonLine(next));
    }
  };
  try {
    const count = workers ?? availableParallelism();
    await inWorkers(jobs, { module: workerModule(), workers: count, onProgress: show, onResult, stop });
  } finally {
    progress.clear();
  }
  return finished;
}

/** The thread: beside this module in the build, in a checkout its source. */
function workerModule(): URL {
  const built = new URL('./simulation-worker.js', import.meta.url);
  return existsSync(built) ? built : new URL('../../compose/simulation-worker.ts', import.meta.url);
}

/** @throws OperatorError with all problems of all files */
async function readScenarios(
  { files, durationMs, more }: Pick<SimulateOptions, 'files' | 'durationMs' | 'more'>,
  io: Io,
): Promise<readonly Scenario[]> {
  const sources = await loadScenarios(files, {
    more,
    durationMs,
    warn: (text) => io.stderr.write(`warning: ${text}\n`),
  });
  warnOfInferred(sources, io);
  return sources.map(({ scenario }) => scenario);
}

/** @returns null: nothing is decided @throws OperatorError */
async function policiesOf({ policies }: SimulateOptions): Promise<readonly string[] | null> {
  if (!policies.includes(NONE)) return Promise.all(policies.map(policyFile));
  if (policies.length > 1)
    throw new OperatorError('the policy none decides nothing: it cannot be combined with others');
  return null;
}

async function policyFile(given: string): Promise<string> {
  if (existsSync(given) || !/^[a-z][a-z-]{0,40}$/.test(given)) return given;
  const shipped = join(await shippedPolicies(), `${given}.policy`);
  return existsSync(shipped) ? shipped : given;
}

/** Finds the mistakes of policies and parameters before any thread starts. @throws SetupError */
async function warnAbout(
  { config, parameters }: SimulateOptions,
  policies: readonly string[] | null,
  io: Io,
): Promise<void> {
  if (policies === null) return;
  const setup = await loadSetup({ configPath: config, policies, parameters }, io.stderr.isTTY === true);
  if (setup.policies.sources.length === 0)
    throw new OperatorError(
      'no policy given: use --policy FILE, --policy balloon, --policy none, or --config FILE with a policy in it',
    );
  io.stderr.write(setup.warnings);
}

function jobsFor(
  scenarios: readonly Scenario[],
  policies: readonly string[] | null,
  { config, parameters, seed, seeds, output }: SimulateOptions,
): readonly SimulationJob[] {
  return scenarios.flatMap((scenario) =>
    Array.from({ length: seeds }, (_, at) => ({ scenario, seed: seed + at, config, policies, parameters, output })),
  );
}
