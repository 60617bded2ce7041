import type { CommandModule } from '../command.ts';
import { jsonOption, pluginConfigOption } from '../options.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

export const checkCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('check')
      .argument(
        '<path...>',
        'policy files, or directories (their *.policy and *.rules files); several form one program, as they do when they run',
      )
      .description('find the mistakes in policies before anything runs; exit code 1 if there are any')
      .addOption(pluginConfigOption())
      .addOption(jsonOption('the diagnostics as JSON'))
      .action(
        action(async (paths: string[], options: Options) => {
          const { checkPolicies } = await import('../handlers/check.ts');
          const { vocabularyFor } = await import('../../compose/vocabulary.ts');
          return checkPolicies({ paths, json: options.json === true }, io, await vocabularyFor(options.config ?? null));
        }),
      );
  },
};
