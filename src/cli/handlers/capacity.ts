import { setImmediate } from 'node:timers/promises';
import {
  brokenLimits,
  carried,
  nextGuests,
  type BrokenLimit,
  type CapacitySearch,
  type SeedSearch,
} from '../../comparison/capacity.ts';
import type { Gate } from '../../comparison/gates.ts';
import type { SimulationJob, SteeredBy } from '../../compose/simulation-job.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { mostGuests } from '../../simulation/bound/packing.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { withGuests } from '../../simulation/scenario/more.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readScenarios } from '../support/read-scenarios.ts';
import { runSimulations } from '../support/run-simulations.ts';
import { checkPolicies, policyFiles } from '../support/simulated-policies.ts';
import { capacityJson, capacityText } from './capacity-text.ts';
import type { SimulationChoice } from '../support/simulation-choice.ts';

export interface CapacityOptions extends SimulationChoice {
  /** Scenarios. */
  readonly files: readonly string[];
  /** Each is searched for by itself. */
  readonly policies: readonly string[];
  readonly parameters: readonly ParamOverride[];
  readonly limits: readonly Gate[];
}

/**
 * `ballast capacity`: how many guests a host carries within limits. When it is stopped, what is known by then is printed, and the exit
 * code is 1.
 * @throws OperatorError
 */
export async function findCapacity(options: CapacityOptions, io: Io, stop: AbortSignal): Promise<number> {
  const { config, policies, parameters } = options;
  if (policies.length === 0) throw new OperatorError('no policy given: use --policy balanced, for example');
  const scenarios = await readScenarios({ ...options, more: 0 }, io);
  const steered: { policy: string; files: SteeredBy }[] = [];
  for (const policy of new Set(policies)) {
    const files = await policyFiles([policy]);
    await checkPolicies({ config, policies: files, parameters }, io);
    steered.push({ policy, files });
  }
  const searches: CapacitySearch[] = [];
  for (const scenario of scenarios)
    for (const { policy, files } of steered)
      if (!stop.aborted) searches.push(await search(scenario, policy, files, options, io, stop));
  io.stdout.write(options.json ? capacityJson(searches) : searches.map(capacityText).join('\n'));
  if (searches.length === scenarios.length * steered.length && searches.every(({ isFinished }) => isFinished))
    return EXIT.ok;
  io.stderr.write('stopped: not all that was asked for is known\n');
  return EXIT.problems;
}

async function search(
  scenario: Scenario,
  policy: string,
  files: SteeredBy,
  options: CapacityOptions,
  io: Io,
  stop: AbortSignal,
): Promise<CapacitySearch> {
  const { limits, seed, seeds: count, config, parameters } = options;
  const seeds = Array.from({ length: count }, (_, at): SeedSearch => ({
    ...{ seed: seed + at, asked: new Map<number, boolean>(), broken: new Map<number, readonly BrokenLimit[]>() },
    bound: null,
  }));
  for (;;) {
    // All seeds are asked at once, each for what it needs to know next.
    const questions = seeds.flatMap((own) => {
      const guests = nextGuests(own.asked, scenario.guests.length);
      return guests === null ? [] : [{ own, guests }];
    });
    if (questions.length === 0 || stop.aborted) break;
    const jobs = questions.map(({ own, guests }): SimulationJob => ({
      ...{ scenario: withGuests(scenario, guests), seed: own.seed, config, policies: files, parameters },
      output: null,
    }));
    const label = `${scenario.name}, ${policy}: ${rangeText(questions.map(({ guests }) => guests))} guests, simulated`;
    const results = await runSimulations(jobs, { ...options, label }, io, stop);
    for (const [at, { own, guests }] of questions.entries()) {
      const result = results[at];
      if (result === undefined) continue;
      const broken = brokenLimits(result, limits);
      own.asked.set(guests, broken.length === 0);
      own.broken.set(guests, broken);
    }
  }
  for (const own of seeds)
    own.bound = await mostGuests(scenario, own.seed, Math.max(1, carried(own.asked).guests), async () => {
      await setImmediate();
      return stop.aborted;
    });
  return { scenario, policy, limits, seeds, isFinished: !stop.aborted };
}

function rangeText(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}
