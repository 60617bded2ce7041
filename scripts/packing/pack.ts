import { setImmediate } from 'node:timers/promises';
import type { Io } from '../../src/cli/support/io.ts';
import { readScenarios } from '../../src/cli/support/read-scenarios.ts';
import { runSimulations } from '../../src/cli/support/run-simulations.ts';
import { comparedPolicies, type ComparedPolicy } from '../../src/cli/support/simulated-policies.ts';
import { carried } from '../../src/comparison/capacity.ts';
import { stallShare } from '../../src/comparison/measures.ts';
import type { SimulationJob, SteeredBy } from '../../src/compose/simulation-job.ts';
import type { SimulationResult } from '../../src/compose/simulation.ts';
import { mostGuests } from '../../src/simulation/bound/packing.ts';
import type { Scenario } from '../../src/simulation/scenario/model.ts';
import { withGuests } from '../../src/simulation/scenario/more.ts';
import { fileOf } from '../comparison/set.ts';
import { brokenBy, killedAnywhere, notOvercommitted, type KilledAnyway } from './limits.ts';
import type { EqualRun, Packing, PackedScenario } from './packing.ts';
import { nextNear } from './search.ts';
import { SHORTENED, type PackingSet } from './set.ts';

/** A search for the most guests: of one policy in one scenario with one seed. */
interface Search {
  readonly scenario: Scenario;
  readonly policy: ComparedPolicy;
  readonly seed: number;
  guess: number;
  /** What is broken, by the number of guests; nothing: the limits are kept. */
  readonly broken: Map<number, readonly string[]>;
}

/** One simulation with so many guests. */
interface Load {
  readonly scenario: Scenario;
  readonly guests: number;
  readonly files: SteeredBy;
  readonly seed: number;
}

/** The share of the bound that the first search begins with. */
const FIRST_GUESS = 0.85;

class Stopped extends Error {}

/**
 * Packs all scenarios with all policies. Each search begins where another has ended: those of other policies where the first policy's has, and those of
 * other seeds where that of the first seed has.
 * @returns null: it was stopped; what has been simulated is known next time
 */
export async function pack(set: PackingSet, io: Io, stop: AbortSignal): Promise<Packing | null> {
  try {
    return await new Packer(io, stop).pack(set);
  } catch (error) {
    if (error instanceof Stopped) return null;
    throw error;
  }
}

class Packer {
  readonly #io: Io;
  readonly #stop: AbortSignal;

  constructor(io: Io, stop: AbortSignal) {
    this.#io = io;
    this.#stop = stop;
  }

  async pack({ families, policies, seeds: count }: PackingSet): Promise<Packing> {
    const seeds = Array.from({ length: count }, (_, at) => at + 1);
    const whole = await readScenarios(
      { files: families.flatMap(({ scenarios }) => scenarios).map(fileOf), durationMs: null, more: 0 },
      this.#io,
    );
    const scenarios = whole.map(shortened);
    const steered = await comparedPolicies(policies, { config: null, parameters: [] }, this.#io);
    const bounds = await this.#bounds(scenarios, seeds);
    const searches = await this.#searchAll(scenarios, steered, seeds, bounds);
    const packedScenarios = scenarios.map((scenario, at): PackedScenario => {
      const first = searches.filter((each) => each.scenario === scenario && each.policy === steered[0]);
      return {
        ...{ name: scenario.name, simulatedS: scenario.durationS, durationS: whole[at]!.durationS },
        ...{ notOvercommitted: notOvercommitted(scenario), bounds: bounds.get(scenario)! },
        equalGuests: Math.min(...first.map(resultOf)),
      };
    });
    return {
      ...{ scenarios: packedScenarios, policies, seeds, packed: searches.map(packedOf) },
      equal: await this.#equal(scenarios, packedScenarios, steered, seeds),
    };
  }

  async #bounds(scenarios: readonly Scenario[], seeds: readonly number[]): Promise<ReadonlyMap<Scenario, number[]>> {
    const bounds = new Map<Scenario, number[]>();
    for (const scenario of scenarios) {
      const own: number[] = [];
      for (const seed of seeds) {
        const most = await mostGuests(scenario, seed, own[0] ?? scenario.guests.length, async () => {
          await setImmediate();
          return this.#stop.aborted;
        });
        if (most === null) throw new Stopped();
        own.push(most);
      }
      bounds.set(scenario, own);
    }
    return bounds;
  }

  async #searchAll(
    scenarios: readonly Scenario[],
    steered: readonly ComparedPolicy[],
    seeds: readonly number[],
    bounds: ReadonlyMap<Scenario, readonly number[]>,
  ): Promise<readonly Search[]> {
    const searches = scenarios.flatMap((scenario) =>
      steered.flatMap((policy) =>
        seeds.map((seed): Search => ({ scenario, policy, seed, guess: 0, broken: new Map() })),
      ),
    );
    const [first, firstSeed] = [steered[0]!, seeds[0]!];
    const known = (scenario: Scenario, policy: ComparedPolicy): number =>
      resultOf(
        searches.find((each) => each.scenario === scenario && each.policy === policy && each.seed === firstSeed)!,
      );
    const isLeading = ({ policy, seed }: Search): boolean => policy === first && seed === firstSeed;
    await this.#search('1 of 3', searches.filter(isLeading), ({ scenario }) =>
      Math.round(FIRST_GUESS * bounds.get(scenario)![0]!),
    );
    const others = searches.filter((each) => !isLeading(each) && each.seed === firstSeed);
    await this.#search('2 of 3', others, ({ scenario, policy }) =>
      policy.files === null ? notOvercommitted(scenario) : known(scenario, first),
    );
    const otherSeeds = searches.filter(({ seed }) => seed !== firstSeed);
    await this.#search('3 of 3', otherSeeds, ({ scenario, policy }) => known(scenario, policy));
    return searches;
  }

  /** All searches are asked at once, each for what it needs to know next. */
  async #search(part: string, searches: readonly Search[], guessOf: (search: Search) => number): Promise<void> {
    for (const search of searches) search.guess = guessOf(search);
    for (let round = 1; ; round++) {
      const questions = searches.flatMap((search) => {
        const guests = nextNear(askedOf(search), search.guess);
        return guests === null ? [] : [{ search, guests }];
      });
      if (questions.length === 0) return;
      const loads = questions.map(({ search: { scenario, policy, seed }, guests }): Load => ({
        ...{ scenario, guests, files: policy.files, seed },
      }));
      const results = await this.#simulate(`part ${part}, round ${round}: ${loads.length} loads, simulated`, loads);
      const anyway = await this.#killedAnyway(loads, results);
      for (const [at, { search, guests }] of questions.entries())
        search.broken.set(guests, brokenBy(results[at]!, anyway[at]!));
    }
  }

  async #simulate(label: string, loads: readonly Load[]): Promise<readonly SimulationResult[]> {
    return this.#run(
      label,
      loads.map(({ scenario, guests, files, seed }) => jobOf(withGuests(scenario, guests), seed, files)),
    );
  }

  /** By load, what is killed on any host. */
  async #killedAnyway(loads: readonly Load[], results: readonly SimulationResult[]): Promise<readonly KilledAnyway[]> {
    const roomy = loads.map(({ scenario, guests }, at) => killedAnywhere(withGuests(scenario, guests), results[at]!));
    const asked = roomy.flatMap((scenario, at) => (scenario === null ? [] : [{ scenario, at }]));
    const found = await this.#run(
      'what is killed on any host, simulated',
      asked.map(({ scenario, at }) => jobOf(scenario, loads[at]!.seed, null)),
    );
    return loads.map((_, at) => {
      const own = found[asked.findIndex((each) => each.at === at)];
      return new Map((own?.guests ?? []).map(({ name, oomKills }) => [name, oomKills]));
    });
  }

  /** All policies with as many guests as the first carries with every seed. */
  async #equal(
    scenarios: readonly Scenario[],
    packed: readonly PackedScenario[],
    steered: readonly ComparedPolicy[],
    seeds: readonly number[],
  ): Promise<readonly EqualRun[]> {
    const all = scenarios.flatMap((scenario, at) => {
      const guests = packed[at]!.equalGuests;
      if (guests === 0) return [];
      return steered.flatMap((policy) =>
        seeds.map((seed) => ({ scenario, guests, policy, files: policy.files, seed })),
      );
    });
    const results = await this.#simulate(`equal packing: ${all.length} loads, simulated`, all);
    return all.map(({ scenario, policy, seed }, at) => {
      const { pain } = results[at]!;
      return {
        ...{ scenario: scenario.name, policy: policy.policy, seed, stallShare: stallShare(results[at]!) ?? 0 },
        killed: pain.guestOomKills + pain.hostOomKills,
      };
    });
  }

  async #run(label: string, jobs: readonly SimulationJob[]): Promise<readonly SimulationResult[]> {
    if (jobs.length === 0) return [];
    const results = await runSimulations(jobs, { jobs: null, cache: true, label }, this.#io, this.#stop);
    const finished = results.filter((result) => result !== undefined);
    if (finished.length < jobs.length) throw new Stopped();
    return finished;
  }
}

function shortened(scenario: Scenario): Scenario {
  const hours = SHORTENED.get(scenario.name)?.hours ?? Infinity;
  return { ...scenario, durationS: Math.min(scenario.durationS, hours * 3600) };
}

function jobOf(scenario: Scenario, seed: number, policies: SteeredBy): SimulationJob {
  return { scenario, seed, config: null, policies, parameters: [], output: null };
}

function askedOf({ broken }: Search): ReadonlyMap<number, boolean> {
  return new Map([...broken].map(([guests, by]) => [guests, by.length === 0]));
}

function resultOf(search: Search): number {
  return carried(askedOf(search)).guests;
}

function packedOf(search: Search): Packing['packed'][number] {
  const { guests, fails } = carried(askedOf(search));
  const { scenario, policy, seed, broken } = search;
  return { scenario: scenario.name, policy: policy.policy, seed, guests, stops: broken.get(fails ?? 0) ?? [] };
}
