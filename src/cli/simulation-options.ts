import { InvalidArgumentError, Option } from 'commander';
import { MOST_GUESTS } from '../simulation/scenario/model.ts';
import { parseDuration } from '../yaml/units.ts';
import { wholeNumber } from './options.ts';
import type { SimulationChoice } from './support/simulation-choice.ts';

// Options shared by the commands that simulate.

/** All results are in memory until the last seed is done. */
const MOST_SEEDS = 10_000;

/** `--seed <number>`: a number. */
export function seedOption(): Option {
  return new Option('--seed <number>', 'the first seed of all that is random').argParser(wholeNumber(0)).default(1);
}

/** `--seeds <number>`: a number. */
export function seedsOption(seeds: number): Option {
  return new Option('--seeds <number>', 'simulate with so many seeds, from --seed on')
    .argParser(wholeNumber(1, MOST_SEEDS))
    .default(seeds);
}

/** `--duration <duration>`: milliseconds, or undefined. */
export function durationOption(): Option {
  return new Option('--duration <duration>', 'simulate only so much of each scenario, such as 2h').argParser(
    parseLength,
  );
}

/** `--more <number>`: a number. */
export function moreOption(): Option {
  return new Option('--more <number>', 'add so many guests, copies of those in the scenario')
    .argParser(wholeNumber(0, MOST_GUESTS))
    .default(0);
}

/** `--jobs <number>`: a number, or undefined. */
export function jobsOption(): Option {
  return new Option('--jobs <number>', 'simulate in so many threads; default: one for each CPU').argParser(
    wholeNumber(1),
  );
}

/** `--no-cache`: `cache` is false, otherwise true. */
export function cacheOption(): Option {
  return new Option('--no-cache', 'simulate everything again, although nothing has changed');
}

/** Milliseconds. */
function parseLength(text: string): number {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  if (parsed.value < 1000) throw new InvalidArgumentError('the duration must be at least 1s');
  return parsed.value;
}

/** What commander passes for the options that all commands have that simulate. */
export interface SimulationFlags {
  readonly config?: string;
  readonly seed: number;
  readonly seeds: number;
  /** Milliseconds. */
  readonly duration?: number;
  readonly jobs?: number;
  readonly cache: boolean;
  readonly json?: boolean;
}

export function simulationChoice(flags: SimulationFlags): SimulationChoice {
  const { config = null, seed, seeds, duration = null, jobs = null, cache, json = false } = flags;
  return { config, seed, seeds, durationMs: duration, jobs, cache, json };
}
