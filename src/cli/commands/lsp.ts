import type { CommandModule } from '../command.ts';
import { configOption } from '../options.ts';

interface Options {
  readonly config?: string;
}

export const lspCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('lsp')
      .description('the language server for editors, over standard input and output')
      .addOption(configOption('a config file, for the plugins of this site and the policy files that form one program'))
      .option('--stdio', 'as many editors say it; there is no other way')
      .action(
        action(async (options: Options) => {
          const { serveEditor } = await import('../handlers/lsp.ts');
          return serveEditor({ config: options.config ?? null }, io, signals);
        }),
      );
  },
};
