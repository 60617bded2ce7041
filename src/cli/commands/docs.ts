import type { CommandModule } from '../command.ts';
import { pluginConfigOption } from '../options.ts';

interface Options {
  readonly config?: string;
  readonly output?: string;
  readonly check?: string;
}

export const docsCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('docs')
      .description('generate the policy language reference: every function, field and control')
      .addOption(pluginConfigOption())
      .option('-o, --output <file>', 'the output file; default: standard output')
      .option('--check <file>', 'write nothing; exit code 1 if the file is out of date')
      .action(
        action(async (options: Options) => {
          const { writeReference } = await import('../handlers/docs.ts');
          const { pluginsFor } = await import('../../compose/vocabulary.ts');
          const plugins = await pluginsFor(options.config ?? null);
          return writeReference({ output: options.output ?? null, check: options.check ?? null }, io, plugins);
        }),
      );
  },
};
