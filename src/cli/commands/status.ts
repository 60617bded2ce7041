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
      .description('show the running daemon, the memory of the host, KSM, and what is paused or wrong')
      .addOption(jsonOption('as JSON, as /v1/status in docs/openapi.json'))
      .addHelpText(
        'after',
        '\nExit code: 0 all is well; 1 something is wrong, or all writes are stopped; 2 no daemon answers.',
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
