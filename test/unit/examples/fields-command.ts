import type { CommandModule } from '../../../src/cli/command.ts';
import { jsonOption, pluginConfigOption } from '../../../src/cli/options.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

export const fieldsCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('fields')
      .argument('[text]', 'only fields that have this in their name')
      .description('list the fields that policies can read')
      .addOption(pluginConfigOption())
      .addOption(jsonOption('the fields as JSON'))
      .action(
        action(async (text: string | undefined, options: Options) => {
          const { listFields } = await import('./list-fields.ts');
          const { vocabularyFor } = await import('../../../src/compose/vocabulary.ts');
          const vocabulary = await vocabularyFor(options.config ?? null);
          return listFields({ text: text ?? '', json: options.json === true }, io, vocabulary);
        }),
      );
  },
};
