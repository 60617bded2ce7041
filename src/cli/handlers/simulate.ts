import type { SimulationJob } from '../../compose/simulation-job.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readScenarios } from '../support/read-scenarios.ts';
import { runSimulations } from '../support/run-simulations.ts';
import { checkPolicies, policyFiles } from '../support/simulated-policies.ts';
import { TemporaryRecording, writeSimulationPage, writeSimulationsPage } from './simulate-report.ts';
import { VERSION } from '../version.ts';
import { jsonLine, resultTable, type Finished } from './simulate-text.ts';
import type { SimulationChoice } from '../support/simulation-choice.ts';

export interface SimulateOptions extends SimulationChoice {
  /** Scenarios. */
  readonly files: readonly string[];
  /** Files and names. Empty: those of the config. */
  readonly policies: readonly string[];
  readonly parameters: readonly ParamOverride[];
  /** So many guests more than each scenario has. */
  readonly more: number;
  readonly output: string | null;
  /** The directory of the tables; null: none are written. */
  readonly parquet: string | null;
  /** The page to write; null: none. */
  readonly report: string | null;
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
  const count = scenarios.length * options.seeds;
  if (options.output !== null && !/\.jsonl(?:\.gz)?$/.test(options.output))
    throw new OperatorError(`--output must be a path that ends with .jsonl or .jsonl.gz, not ${options.output}`);
  if (options.output !== null && count > 1)
    throw new OperatorError(`--output records one simulation, and these are ${count}: give one scenario and one seed`);
  if (options.parquet !== null) requireDistinct(scenarios);
  const ofOne = options.report !== null && count === 1;
  const temporary = ofOne && options.output === null ? await TemporaryRecording.create() : null;
  try {
    const output = options.output ?? temporary?.path ?? null;
    return await simulateAll(jobsFor(scenarios, policies, { ...options, output }, ofOne), scenarios, options, io, stop);
  } finally {
    await temporary?.remove();
  }
}

async function simulateAll(
  jobs: readonly SimulationJob[],
  scenarios: readonly Scenario[],
  options: SimulateOptions,
  io: Io,
  stop: AbortSignal,
): Promise<number> {
  const finished = await runAll(jobs, options, io, stop);
  const done = finished.filter((each) => each !== undefined);
  if (!options.json && done.length > 0) io.stdout.write(resultTable(done));
  const stopped = done.length < jobs.length ? `stopped: ${done.length} of ${jobs.length} simulations finished` : null;
  if (stopped !== null) io.stderr.write(`${stopped}\n`);
  if (options.report !== null && done.length > 0) {
    const page = { path: options.report, policy: policyName(options) };
    const [{ output } = { output: null }] = jobs;
    if (jobs.length === 1) await writeSimulationPage(page, done[0]!, output!, io, stop);
    else await writeSimulationsPage(page, scenarios, done, stopped);
  }
  return stopped === null ? EXIT.ok : EXIT.problems;
}

function policyName({ policies, config }: SimulateOptions): string {
  return policies.length > 0 ? policies.join('+') : `of ${config ?? 'no config'}`;
}

/** @returns by job; undefined: it has not finished */
async function runAll(
  jobs: readonly SimulationJob[],
  { jobs: threads, cache, json }: SimulateOptions,
  io: Io,
  stop: AbortSignal,
): Promise<readonly (Finished | undefined)[]> {
  const finished = jobs.map((): Finished | undefined => undefined);
  let printed = 0;
  const onResult = (job: number, result: Finished['result'], clear: () => void): void => {
    finished[job] = { ...jobs[job]!, result };
    if (!json) return;
    // In the order of the jobs, whichever ends first.
    for (let next = finished[printed]; next !== undefined; next = finished[++printed]) {
      clear();
      io.stdout.write(jsonLine(next));
    }
  };
  await runSimulations(jobs, { jobs: threads, cache, onResult }, io, stop);
  return finished;
}

function jobsFor(
  scenarios: readonly Scenario[],
  policies: SimulationJob['policies'],
  { config, parameters, seed, seeds, output, parquet }: SimulateOptions,
  guestSeries: boolean,
): readonly SimulationJob[] {
  return scenarios.flatMap((scenario) =>
    Array.from({ length: seeds }, (_, at): SimulationJob => {
      const tables = { root: parquet ?? '', host: `${scenario.name}-${seed + at}`, createdBy: `ballast ${VERSION}` };
      return {
        ...{ scenario, seed: seed + at, config, policies, parameters, output, guestSeries },
        ...(parquet !== null && { tables }),
      };
    }),
  );
}

/** @throws OperatorError when two simulations would be written to the same place */
function requireDistinct(scenarios: readonly Scenario[]): void {
  const names = new Set<string>();
  for (const { name } of scenarios) {
    if (names.has(name))
      throw new OperatorError(
        `--parquet would write two simulations of ${name} to one place: give scenarios of other names`,
      );
    names.add(name);
  }
}
