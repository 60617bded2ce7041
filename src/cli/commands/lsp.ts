import type { CommandModule } from '../command.ts';
import { configOption } from '../options.ts';

interface Options {
  readonly config?: string;
}

export const lspCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('lsp')
      .description('start the language server for editors on standard input and output')
      .addOption(configOption('a config file, for its plugins and policies'))
      .option('--stdio', 'accepted for compatibility with editors; always in effect')
      .action(
        action(async (options: Options) => {
          const { serveEditor } = await import('../handlers/lsp.ts');
          return serveEditor({ config: options.config ?? null }, io, signals);
        }),
      );
  },
};
