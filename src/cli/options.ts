import { InvalidArgumentError, Option } from 'commander';
import type { ParamOverride } from '../model/parameter.ts';

// Options shared by several commands. An option of a single command is defined in its own file.

/** `-c, --config <file>`: a string, or undefined. */
export function configOption(description: string): Option {
  return new Option('-c, --config <file>', description);
}

/** For commands that check names in policies without running them. */
export function pluginConfigOption(): Option {
  return configOption('a config file, to load site plugins from');
}

/** For commands that read a recording. */
export function recordingConfigOption(): Option {
  return configOption('a config file, for its policies, balloon settings and plugins');
}

/** `-p, --policy <file>`, repeatable: a list of strings, or undefined. */
export function policyOption(description = 'a policy file, used instead of those in the config; repeatable'): Option {
  return new Option('-p, --policy <file>', description).argParser(collect);
}

/** `--shadow <file>`, repeatable: a list of strings, or undefined. */
export function shadowOption(): Option {
  return new Option(
    '--shadow <file>',
    'a policy file to evaluate beside the policy, writing nothing; repeatable',
  ).argParser(collect);
}

/** `--shadow-param <name=value>`, repeatable: a list of `ParamOverride`, last first, or undefined. */
export function shadowParamOption(): Option {
  return new Option(
    '--shadow-param <name=value>',
    'set a policy parameter for the shadow only; repeatable; without --shadow: of the policy itself',
  ).argParser(collectParam);
}

/** `--param <name=value>`, repeatable: a list of `ParamOverride`, last first, or undefined. */
export function paramOption(description: string): Option {
  return new Option('--param <name=value>', description).argParser(collectParam);
}

/** For commands that read a recording. */
export function recordingParamOption(): Option {
  return paramOption('set a policy parameter, overriding the recorded value; repeatable');
}

/** `--json`: true, or undefined. */
export function jsonOption(description: string): Option {
  return new Option('--json', description);
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `--log-level <level>`: a `LogLevel`, or undefined. */
export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'minimum level of log messages to write').choices(LOG_LEVELS);
}

const LOG_FORMATS = ['json', 'pretty', 'mom'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** `--log-format <format>`: a `LogFormat`, or undefined. */
export function logFormatOption(): Option {
  return new Option('--log-format <format>', 'pretty is for terminals, mom the line format of MOM').choices(
    LOG_FORMATS,
  );
}

/** More seeds, threads or guests are a mistake. */
const MOST = 1_000_000;

/** The parser of an option that takes a whole number. */
export function wholeNumber(least: number, most = MOST): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,7}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
    return value;
  };
}

/** The parser of an option that can be given several times: a list of strings. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function collectParam(text: string, before: readonly ParamOverride[] = []): ParamOverride[] {
  const [, name, given] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined) throw new InvalidArgumentError('expected NAME=VALUE');
  // The last value given for a name takes effect.
  return [{ name, given, target: { kind: 'all' } }, ...before];
}
