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
        'policy files, or directories with *.policy and *.rules files; all files are checked as one program',
      )
      .description('check policies for errors without running them; exit code 1 if there are errors')
      .addOption(pluginConfigOption())
      .addOption(jsonOption('print the diagnostics as JSON'))
      .action(
        action(async (paths: string[], options: Options) => {
          const { checkPolicies } = await import('../handlers/check.ts');
          const { vocabularyFor } = await import('../../compose/vocabulary.ts');
          return checkPolicies({ paths, json: options.json === true }, io, await vocabularyFor(options.config ?? null));
        }),
      );
  },
};
