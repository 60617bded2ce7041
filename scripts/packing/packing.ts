import { meanWithInterval, pairedDifference, type Difference } from '../../src/comparison/estimate.ts';

/** How many guests one seed carries with a policy. */
export interface Packed {
  readonly scenario: string;
  readonly policy: string;
  readonly seed: number;
  readonly guests: number;
  /** What one more guest breaks, in words. */
  readonly stops: readonly string[];
}

/** What guests suffer with a policy and a seed, when all policies have as many guests. */
export interface EqualRun {
  readonly scenario: string;
  readonly policy: string;
  readonly seed: number;
  /** How much of their time guests wait for memory. */
  readonly stallShare: number;
  /** Programs killed in guests, and guests killed by the host. */
  readonly killed: number;
}

export interface PackedScenario {
  readonly name: string;
  /** How long it is simulated, and how long it is, seconds. */
  readonly simulatedS: number;
  readonly durationS: number;
  /** How many guests fit when no memory is promised twice. */
  readonly notOvercommitted: number;
  /** How many fit at best, by seed. */
  readonly bounds: readonly number[];
  /** The guests of the equal packing; 0: the first policy carries none with every seed. */
  readonly equalGuests: number;
}

export interface Packing {
  readonly scenarios: readonly PackedScenario[];
  /** The first is the one that the others are compared with. */
  readonly policies: readonly string[];
  readonly seeds: readonly number[];
  readonly packed: readonly Packed[];
  readonly equal: readonly EqualRun[];
}

/** A mean over the seeds, with the half width of its 95 % confidence interval; null: one seed says nothing about others. */
export interface Mean {
  readonly mean: number;
  readonly half: number | null;
}

export function meanOf(values: readonly number[]): Mean {
  const { mean, interval } = meanWithInterval(values);
  return { mean, half: interval === null ? null : (interval[1] - interval[0]) / 2 };
}

/** Guests that a policy carries, by seed. */
export function guestsOf({ packed, seeds }: Packing, scenario: string, policy: string): readonly number[] {
  const own = packed.filter((each) => each.scenario === scenario && each.policy === policy);
  return seeds.map((seed) => own.find((each) => each.seed === seed)!.guests);
}

/** The same as shares of the bound. Where the bound is 0, nothing can be carried. */
export function sharesOf(packing: Packing, { name, bounds }: PackedScenario, policy: string): readonly number[] {
  return guestsOf(packing, name, policy).map((guests, at) => (bounds[at] === 0 ? 1 : guests / bounds[at]!));
}

/** The mean share of the bound over scenarios, by seed. */
export function meanSharesOf(packing: Packing, names: readonly string[], policy: string): readonly number[] {
  const own = packing.scenarios.filter(({ name }) => names.includes(name));
  const shares = own.map((scenario) => sharesOf(packing, scenario, policy));
  return packing.seeds.map((_, at) => shares.reduce((sum, bySeed) => sum + bySeed[at]!, 0) / shares.length);
}

/** How many guests more a policy carries than the first one, with the same seeds. */
export function aheadOfFirst(packing: Packing, scenario: string, policy: string): Difference {
  const first = guestsOf(packing, scenario, packing.policies[0]!);
  return pairedDifference(first, guestsOf(packing, scenario, policy))!;
}
