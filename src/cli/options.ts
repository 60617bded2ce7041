import { InvalidArgumentError, Option } from 'commander';
import type { ParamOverride } from '../model/parameter.ts';

// The options that several commands have. What one command alone has stands in its file.

/** `-c, --config <file>`; commander gives a text, or undefined. */
export function configOption(what: string): Option {
  return new Option('-c, --config <file>', what);
}

/** For commands that judge the names in policies and run nothing. */
export function pluginConfigOption(): Option {
  return configOption('a config file, for the plugins of this site');
}

/** For commands that look at a recording. */
export function recordingConfigOption(): Option {
  return configOption('a config file, for its policies, balloon settings and plugins');
}

/** `-p, --policy <file>`, any number of them: a list of texts, or undefined. */
export function policyOption(): Option {
  return new Option(
    '-p, --policy <file>',
    'a policy file; may be given more than once, and replaces those of the config',
  ).argParser(collect);
}

/** `--param <name=value>`, any number of them: a list of `ParamOverride`, the last one first, or undefined. */
export function paramOption(what: string): Option {
  return new Option('--param <name=value>', what).argParser(collectParam);
}

/** For commands that look at a recording. */
export function recordingParamOption(): Option {
  return paramOption(
    'a value for a parameter of the policies, in place of what was recorded; may be given more than once',
  );
}

/** `--json`: true, or undefined. */
export function jsonOption(what: string): Option {
  return new Option('--json', what);
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `--log-level <level>`: a `LogLevel`, or undefined. */
export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'the least important messages to write').choices(LOG_LEVELS);
}

const LOG_FORMATS = ['json', 'pretty', 'mom'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** `--log-format <format>`: a `LogFormat`, or undefined. */
export function logFormatOption(): Option {
  return new Option('--log-format <format>', 'json, pretty (for people) or mom (the line shape of MOM)').choices(
    LOG_FORMATS,
  );
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function collectParam(text: string, before: readonly ParamOverride[] = []): ParamOverride[] {
  const [, name, given] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined) throw new InvalidArgumentError('write NAME=VALUE');
  // Of two for one name the later counts.
  return [{ name, given, target: { kind: 'all' } }, ...before];
}
