import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../yaml/units.ts';

// Options shared by the commands that simulate.

/** More seeds, or threads, are a mistake. */
const MOST = 1_000_000;

/** `--seed <number>`: a number. */
export function seedOption(): Option {
  return new Option('--seed <number>', 'the first seed of all that is random').argParser(wholeNumber(0)).default(1);
}

/** `--seeds <number>`: a number. */
export function seedsOption(seeds: number): Option {
  return new Option('--seeds <number>', 'simulate with so many seeds, from --seed on')
    .argParser(wholeNumber(1))
    .default(seeds);
}

/** `--duration <duration>`: milliseconds, or undefined. */
export function durationOption(): Option {
  return new Option('--duration <duration>', 'simulate only so much of each scenario, such as 2h').argParser(
    parseLength,
  );
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

/** For the parser of an option. */
export function wholeNumber(least: number, most = MOST): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,7}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
    return value;
  };
}

/** Milliseconds. */
function parseLength(text: string): number {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  if (parsed.value < 1000) throw new InvalidArgumentError('the duration must be at least 1s');
  return parsed.value;
}
