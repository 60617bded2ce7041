import type { Argument, Command, Option } from 'commander';

/** What can follow an option, or stand for an argument: one of these words, a file, or something that nobody can guess. */
export type Values = readonly string[] | 'file' | 'text';

export interface OptionSpec {
  /** `-c`; null: none. */
  readonly short: string | null;
  /** `--config`; null: none. */
  readonly long: string | null;
  /** As in the help: `-c, --config <file>`. */
  readonly flags: string;
  readonly description: string;
  /** null: the option has no value. */
  readonly values: Values | null;
  readonly isRepeatable: boolean;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  readonly values: Values;
  readonly isVariadic: boolean;
  readonly isRequired: boolean;
}

/** One command as data, for completion and manual pages. */
export interface CommandSpec {
  /** `ballast params set`. */
  readonly line: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  readonly args: readonly ArgumentSpec[];
  readonly commands: readonly CommandSpec[];
}

/** Placeholders of commander's definitions that stand for files. */
const FILES: ReadonlySet<string> = new Set(['file', 'path', 'folder', 'directory', 'recording']);

/** Reads the definition of a command line. */
export function specOf(command: Command, above = ''): CommandSpec {
  const line = above === '' ? command.name() : `${above} ${command.name()}`;
  const help = command.createHelp();
  return {
    line,
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(optionSpec),
    args: command.registeredArguments.map(argumentSpec),
    // What commander adds by itself is of no interest to a person who types.
    commands: command.commands.filter((below) => below.name() !== 'help').map((below) => specOf(below, line)),
  };
}

/** The command and all commands below it, from the top. */
export function flattened(spec: CommandSpec): readonly CommandSpec[] {
  return [spec, ...spec.commands.flatMap(flattened)];
}

function optionSpec(option: Option): OptionSpec {
  const placeholder = /[<[]([^\][<>]+)[\]>]/.exec(option.flags)?.[1];
  return {
    short: option.short ?? null,
    long: option.long ?? null,
    flags: option.flags,
    description: option.description,
    values: placeholder === undefined ? null : valuesOf(option.argChoices, placeholder),
    isRepeatable: option.description.includes('repeatable'),
  };
}

function argumentSpec(argument: Argument): ArgumentSpec {
  return {
    name: argument.name(),
    description: argument.description,
    values: valuesOf(argument.argChoices, argument.name()),
    isVariadic: argument.variadic,
    isRequired: argument.required,
  };
}

function valuesOf(choices: readonly string[] | undefined, placeholder: string): Values {
  if (choices !== undefined) return choices;
  return FILES.has(placeholder.replace('...', '')) ? 'file' : 'text';
}
