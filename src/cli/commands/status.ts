import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly json?: boolean;
}

export const statusCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('status')
      .description('show how the running daemon and its host are: problems, pauses, memory, overcommitment, KSM')
      .addOption(jsonOption('print JSON: /v1/status in docs/openapi.json'))
      .addHelpText(
        'after',
        '\nExit codes: 0 all is well; 1 there are problems, or all writes are stopped; 2 no\ndaemon answers.',
      )
      .action(
        action(async (options: Options) => {
          const { showStatus } = await import('../handlers/status.ts');
          return showStatus({ ...options, json: options.json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
