import { Argument } from 'commander';
import type { CommandModule } from '../command.ts';

const HELP = `
The Debian package installs these scripts. Without it:
  ballast completion bash > /etc/bash_completion.d/ballast
  ballast completion zsh > /usr/local/share/zsh/site-functions/_ballast
  ballast completion fish > /etc/fish/completions/ballast.fish`;

export const completionCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('completion')
      .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
      .description('print a script with which a shell completes commands, options and files')
      .addHelpText('after', HELP)
      .action(
        action(async (shell: 'bash' | 'zsh' | 'fish') => {
          const { printCompletion } = await import('../handlers/completion.ts');
          return printCompletion(shell, program, io);
        }),
      );
  },
};
