import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { best, haltonPoints, meanOf, MOST_DIMENSIONS, objectivesOf, rounds } from '../../comparison/tuning.ts';
import { runBatch } from '../../compose/simulation-batch.ts';
import type { SimulationJob } from '../../compose/simulation-job.ts';
import { loadSetup } from '../../compose/setup.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { effectiveOverrides } from '../../parameters/parameters.ts';
import { readDimension, valueAt, type Dimension } from '../../parameters/space.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { Progress } from '../support/progress.ts';
import { readScenarios } from '../support/read-scenarios.ts';
import { resultCache } from '../support/result-cache.ts';
import { checkPolicies, policyFiles } from '../support/simulated-policies.ts';
import type { Choice, Tuning } from './tuning.ts';
import { tuningJson, tuningText } from './tune-text.ts';
import type { SimulationChoice } from '../support/simulation-choice.ts';

export interface TuneOptions extends SimulationChoice {
  readonly policy: string;
  /** Scenarios. */
  readonly files: readonly string[];
  /** As given: `name=from..to`, or `name`. */
  readonly dimensions: readonly string[];
  readonly choices: number;
}

/** So many are judged at the end. */
const FINALISTS = 4;

/** More would take days. */
const MOST_CHOICES = 1000;

/** A folder of scenarios that results are judged by. */
const HELD_OUT = 'held-out';

/**
 * `ballast tune`: searches for better values of the parameters of a policy. When it is stopped, what is known by then is printed, and the
 * exit code is 1.
 * @throws OperatorError
 */
export async function tunePolicy(options: TuneOptions, io: Io, stop: AbortSignal): Promise<number> {
  await Promise.all(options.files.map(refuseHeldOut));
  if (options.choices > MOST_CHOICES)
    throw new OperatorError(`--choices ${options.choices} is too much; at most ${MOST_CHOICES} are tried`);
  const scenarios = await readScenarios({ ...options, more: 0 }, io);
  const policies = await policyFiles([options.policy]);
  if (policies === null || policies === 'oracle')
    throw new OperatorError(
      `the policy ${options.policy} has no parameters; tune balanced or balanced+ksm-budget, for example`,
    );
  await checkPolicies({ config: options.config, policies, parameters: [] }, io);
  const dimensions = await readDimensions(policies, options);
  const search = new Search(scenarios, policies, dimensions, options, io, stop);
  const tuning = await search.run();
  io.stdout.write(options.json ? tuningJson(tuning) : tuningText(tuning));
  if (tuning.isJudged) return EXIT.ok;
  io.stderr.write('stopped: no choice has been judged with seeds of its own\n');
  return EXIT.problems;
}

/** @throws OperatorError */
async function refuseHeldOut(file: string): Promise<void> {
  const real = await realpath(file).catch(() => file);
  if (![file, real].some((path) => dirname(path).split(sep).includes(HELD_OUT))) return;
  throw new OperatorError(
    `${file} is held out: it is there to judge a result, so nothing may be tuned with it; "ballast compare" may use it`,
  );
}

/** @throws OperatorError */
async function readDimensions(
  policies: readonly string[],
  { config, dimensions }: TuneOptions,
): Promise<readonly Dimension[]> {
  const setup = await loadSetup({ configPath: config, policies, parameters: [] });
  const { program } = setup.policies;
  const names = program.params.map(({ name }) => name);
  if (names.length === 0) throw new OperatorError('the policy declares no parameters: there is nothing to tune');
  if (dimensions.length === 0)
    throw new OperatorError(`no parameter given: use --param NAME=FROM..TO, with one of ${names.join(', ')}`);
  if (dimensions.length > MOST_DIMENSIONS)
    throw new OperatorError(`these are ${dimensions.length} parameters; at most ${MOST_DIMENSIONS} are varied at once`);
  const today = setup.parameters === null ? [] : effectiveOverrides(setup.parameters);
  const read = dimensions.map((text) => readDimension(text, program, today));
  const problems = read.flatMap((each) => ('problem' in each ? [`--param: ${each.problem}`] : []));
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
  const known = read.filter((each): each is Dimension => !('problem' in each));
  const twice = known.find(({ name }, at) => known.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) throw new OperatorError(`--param ${twice.name} is given twice`);
  return known;
}

/** Successive halving, then a judgement with other seeds. */
class Search {
  readonly #scenarios: readonly Scenario[];
  readonly #policies: readonly string[];
  readonly #dimensions: readonly Dimension[];
  readonly #options: TuneOptions;
  readonly #io: Io;
  readonly #stop: AbortSignal;
  readonly #progress: Progress;
  #doneS = 0;

  constructor(
    ...[scenarios, policies, dimensions, options, io, stop]: [
      readonly Scenario[],
      readonly string[],
      readonly Dimension[],
      TuneOptions,
      Io,
      AbortSignal,
    ]
  ) {
    this.#scenarios = scenarios;
    this.#policies = policies;
    this.#dimensions = dimensions;
    this.#options = options;
    this.#io = io;
    this.#stop = stop;
    const plan = rounds(options.choices, FINALISTS);
    const searched = plan.reduce(
      (sum, { choices, seeds }, at) => sum + choices * (seeds - (plan[at - 1]?.seeds ?? 0)),
      0,
    );
    const judged = (Math.min(options.choices, FINALISTS) + 1) * options.seeds;
    const durationS = scenarios.reduce((sum, scenario) => sum + scenario.durationS, 0);
    this.#progress = new Progress(io.stderr, (searched + judged) * durationS, 'simulated');
  }

  async run(): Promise<Tuning> {
    const { choices: count, seed, seeds, policy } = this.#options;
    let left = haltonPoints(count, this.#dimensions.length).map((point): Choice => ({
      values: this.#dimensions.map((dimension, at) => valueAt(dimension, point[at]!)),
      bySeed: new Map(),
    }));
    const plan = rounds(count, FINALISTS);
    for (const [at, round] of plan.entries()) {
      await this.#simulate(left, seedsFrom(seed, round.seeds));
      const kept = plan[at + 1]?.choices ?? FINALISTS;
      const known = left.filter(({ bySeed }) => bySeed.size > 0);
      if (this.#stop.aborted) left = known;
      left = best(left.map(meanOf), kept).map((position) => left[position]!);
      if (this.#stop.aborted) break;
    }
    // Seeds of their own: the best of many by chance would seem good with those that chose it.
    const chosenWith = plan.at(-1)?.seeds ?? 0;
    const judges = seedsFrom(seed + chosenWith, seeds);
    const fresh = left.map(({ values }): Choice => ({ values, bySeed: new Map() }));
    const today: Choice = { values: [], bySeed: new Map() };
    if (!this.#stop.aborted) await this.#simulate([today, ...fresh], judges);
    const isJudged = !this.#stop.aborted;
    const known = fresh.filter(({ bySeed }) => bySeed.size > 0);
    const isBegun = today.bySeed.size > 0 && known.length > 0;
    return {
      ...{ policy, scenarios: this.#scenarios.map(({ name }) => name), dimensions: this.#dimensions, today },
      ...{ finalists: isBegun ? known : left, tried: count, isJudged },
      seeds: isBegun ? judges : seedsFrom(seed, chosenWith),
    };
  }

  /** Adds what the choices do with the seeds that they have not had. */
  async #simulate(choices: readonly Choice[], seeds: readonly number[]): Promise<void> {
    // Seeds come first, so that a search that is stopped has all choices with the seeds that it has.
    const runs = seeds.flatMap((seed) =>
      choices.filter(({ bySeed }) => !bySeed.has(seed)).map((choice) => ({ choice, seed })),
    );
    const jobs = runs.flatMap(({ choice, seed }) =>
      this.#scenarios.map((scenario) => this.#job(choice, scenario, seed)),
    );
    const { jobs: workers, cache } = this.#options;
    const before = this.#doneS;
    const results = await runBatch(jobs, {
      ...{ workers, cache: cache ? resultCache(this.#io) : null, stop: this.#stop },
      onProgress: (doneS) => {
        this.#doneS = before + doneS;
        this.#progress.show(this.#doneS);
      },
    }).finally(() => this.#progress.clear());
    for (const [at, { choice, seed }] of runs.entries()) {
      const { length } = this.#scenarios;
      const own = results.slice(at * length, (at + 1) * length).filter((result) => result !== undefined);
      if (own.length === length) choice.bySeed.set(seed, objectivesOf(own));
    }
  }

  #job({ values }: Choice, scenario: Scenario, seed: number): SimulationJob {
    const parameters = values.map((given, at): ParamOverride => {
      const { name } = this.#dimensions[at]!;
      return { name, target: { kind: 'all' }, given };
    });
    return { scenario, seed, config: this.#options.config, policies: this.#policies, parameters, output: null };
  }
}

function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}
