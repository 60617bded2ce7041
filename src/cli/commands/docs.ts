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
      .description('print the policy language reference, or the page of one message about policies')
      .argument('[code]', 'the code of a message, such as maybe-nil; default: the reference')
      .addOption(pluginConfigOption())
      .option('-o, --output <file>', 'the output file; default: standard output')
      .option('--check <file>', 'write nothing; exit code 1 if the file is out of date')
      .action(
        action(async (code: string | undefined, options: Options) => {
          const { writeReference } = await import('../handlers/docs.ts');
          const { pluginsFor } = await import('../../compose/vocabulary.ts');
          // The examples of messages are about Ballast's own fields.
          const plugins = await pluginsFor(code === undefined ? (options.config ?? null) : null);
          const { output = null, check = null } = options;
          return writeReference({ code: code ?? null, output, check }, io, plugins);
        }),
      );
  },
};
