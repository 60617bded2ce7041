import { compare, type Comparison, type Run } from '../../comparison/comparison.ts';
import { gateResults, type Gate } from '../../comparison/gates.ts';
import type { SimulationJob } from '../../compose/simulation-job.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { junit } from '../../tooling/testing/junit.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readScenarios } from '../support/read-scenarios.ts';
import { runSimulations } from '../support/run-simulations.ts';
import { comparedPolicies } from '../support/simulated-policies.ts';
import { writeComparisonPage, writeTo } from '../support/write-page.ts';
import { comparedScenario } from './compared-scenario.ts';
import { comparisonJson, comparisonText, gateCase, gatesText } from './compare-text.ts';
import type { SimulationChoice } from '../support/simulation-choice.ts';

export interface CompareOptions extends SimulationChoice {
  /** Scenarios. */
  readonly files: readonly string[];
  /** What is compared, as given. The first is the baseline. */
  readonly policies: readonly string[];
  readonly parameters: readonly ParamOverride[];
  /** So many guests more than each scenario has. */
  readonly more: number;
  readonly gates: readonly Gate[];
  /** null: no report is written. */
  readonly junit: string | null;
  /** The page to write; null: none. */
  readonly report: string | null;
}

/**
 * `ballast compare`: simulates policies on the same demand and prints how they differ. When it is stopped, what has finished is
 * compared. Exit code 1 when a gate is broken or not all has finished.
 * @throws OperatorError
 */
export async function comparePolicies(options: CompareOptions, io: Io, stop: AbortSignal): Promise<number> {
  const { comparison, simulations } = await compareAll(options, io, stop);
  const gates = gateResults(comparison, options.gates);
  io.stdout.write(options.json ? comparisonJson(comparison, gates) : comparisonText(comparison) + gatesText(gates));
  if (options.junit !== null) await writeTo(options.junit, junit(gates.map(gateCase)));
  const { length: finished } = comparison.runs;
  const stopped = finished < simulations ? `stopped: ${finished} of ${simulations} simulations finished` : null;
  if (stopped !== null) io.stderr.write(`${stopped}\n`);
  if (options.report !== null) await writeComparisonPage(options.report, comparison, { gates, warning: stopped });
  return stopped !== null || gates.some(({ passed }) => !passed) ? EXIT.problems : EXIT.ok;
}

/**
 * Simulates all policies. When it is stopped, the comparison has fewer runs than there should be simulations.
 * @throws OperatorError
 */
export async function compareAll(
  options: Omit<CompareOptions, 'gates' | 'junit' | 'report' | 'json'>,
  io: Io,
  stop: AbortSignal,
): Promise<{ readonly comparison: Comparison; readonly simulations: number }> {
  if (options.policies.length === 0)
    throw new OperatorError('no policy given: use --policy none --policy balanced, for example');
  const scenarios = await readScenarios(options, io);
  const names = scenarios.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new OperatorError(`two scenarios are named ${twice}: rename one of the files`);
  const jobs = await jobsFor(scenarios, options, io);
  return { comparison: await simulateAll(jobs, scenarios, options, io, stop), simulations: jobs.length };
}

interface PolicyJob {
  readonly policy: string;
  readonly job: SimulationJob;
}

/** @throws OperatorError */
async function jobsFor(
  scenarios: readonly Scenario[],
  {
    config,
    policies,
    parameters,
    seed,
    seeds,
  }: Pick<CompareOptions, 'config' | 'policies' | 'parameters' | 'seed' | 'seeds'>,
  io: Io,
): Promise<readonly PolicyJob[]> {
  const twice = policies.find((policy, at) => policies.indexOf(policy) !== at);
  if (twice !== undefined) throw new OperatorError(`the policy ${twice} is given twice`);
  const steered = await comparedPolicies(policies, { config, parameters }, io);
  // Seeds come first, so that a comparison that is stopped has all policies with the seeds that it has.
  return Array.from({ length: seeds }, (_, at) => seed + at).flatMap((own) =>
    scenarios.flatMap((scenario) =>
      steered.map(({ policy, files }) => ({
        policy,
        job: { scenario, seed: own, config, policies: files, parameters, output: null },
      })),
    ),
  );
}

async function simulateAll(
  jobs: readonly PolicyJob[],
  scenarios: readonly Scenario[],
  {
    jobs: workers,
    cache,
    policies,
    seed,
    seeds,
  }: Pick<CompareOptions, 'jobs' | 'cache' | 'policies' | 'seed' | 'seeds'>,
  io: Io,
  stop: AbortSignal,
): Promise<Comparison> {
  const all = jobs.map(({ job }) => job);
  const results = await runSimulations(all, { jobs: workers, cache }, io, stop);
  const runs = jobs.flatMap(({ policy, job }, at): Run[] => {
    const measured = results[at];
    return measured === undefined ? [] : [{ scenario: job.scenario.name, policy, seed: job.seed, measured }];
  });
  const allSeeds = Array.from({ length: seeds }, (_, at) => seed + at);
  return compare({ scenarios: scenarios.map(comparedScenario), policies, seeds: allSeeds, runs });
}
