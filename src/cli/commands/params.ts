import { InvalidArgumentError, Option, type Command } from 'commander';
import { NAME_PATTERN, NAME_PATTERN_FORM } from '../../model/guest-pattern.ts';
import { LABEL, LABEL_FORM } from '../../model/labels.ts';
import type { ParamTarget } from '../../model/parameter.ts';
import type { CommandContext, CommandModule } from '../command.ts';
import { configOption, jsonOption, policyOption } from '../options.ts';
import { withNegativeValue } from '../support/negative-value.ts';

interface ListOptions {
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly json?: boolean;
}

interface EditOptions {
  readonly config: string;
  readonly label?: string;
  readonly guest?: string;
}

export const paramsCommand: CommandModule = {
  define(program, context) {
    const params = program
      .command('params')
      .description(
        'list policy parameters with their values and where each value is set: what is in effect, if a daemon runs with the config; what it keeps, if none runs',
      )
      .addOption(configOption('the config file, for its policies and parameter values'))
      .addOption(policyOption())
      .addOption(jsonOption('print JSON'))
      .action(
        context.action(async (options: ListOptions) => {
          const { listParameters } = await import('../handlers/params-list.ts');
          return listParameters(
            { config: options.config ?? null, policies: options.policy ?? [], json: options.json === true },
            context.io,
          );
        }),
      )
      .enablePositionalOptions();
    defineSet(params, context);
    defineUnset(params, context);
  },
  rewriteArgs: withNegativeValue,
};

function defineSet(params: Command, { io, action }: CommandContext): void {
  params
    .command('set')
    .argument('<name>', 'a parameter declared by the policies')
    .argument('<value>', 'the value, in policy syntax: 25%, 512MiB, 30s, -5')
    .description('set a parameter in the parameters file; takes effect while the daemon runs')
    .addOption(fileConfigOption())
    .addOption(labelOption())
    .addOption(guestOption())
    .action(
      action(async (name: string, given: string, options: EditOptions) => {
        const { editParametersFile } = await import('../handlers/params-edit.ts');
        return editParametersFile({ config: options.config, change: { name, given, target: targetOf(options) } }, io);
      }),
    );
}

function defineUnset(params: Command, { io, action }: CommandContext): void {
  params
    .command('unset')
    .argument('<name>', 'a parameter declared by the policies')
    .description('remove an entry from the parameters file')
    .addOption(fileConfigOption())
    .addOption(labelOption())
    .addOption(guestOption())
    .action(
      action(async (name: string, options: EditOptions) => {
        const { editParametersFile } = await import('../handlers/params-edit.ts');
        return editParametersFile(
          { config: options.config, change: { name, given: null, target: targetOf(options) } },
          io,
        );
      }),
    );
}

function fileConfigOption(): Option {
  return configOption('the config file that names the parameters file').makeOptionMandatory();
}

function labelOption(): Option {
  return new Option('--label <label>', 'only for guests with this label').argParser(parseLabel);
}

function guestOption(): Option {
  return new Option('--guest <pattern>', 'only for guests whose name matches: * is any text, ? is one character')
    .argParser(parsePattern)
    .conflicts('label');
}

function targetOf({ label, guest }: EditOptions): ParamTarget {
  if (label !== undefined) return { kind: 'label', label };
  return guest === undefined ? { kind: 'all' } : { kind: 'guest', pattern: guest };
}

function parseLabel(text: string): string {
  if (!LABEL.test(text)) throw new InvalidArgumentError(`a label is ${LABEL_FORM}`);
  return text;
}

function parsePattern(text: string): string {
  if (!NAME_PATTERN.test(text)) throw new InvalidArgumentError(`write ${NAME_PATTERN_FORM}`);
  return text;
}
