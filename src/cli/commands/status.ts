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
        `
Exit codes, which Nagios reads as OK, WARNING and CRITICAL:
  0  all is well; also in a dry run, and while one guest, KSM or all balloons
     are paused: the first line says so
  1  there are problems, no interval has finished (lately), the stop file is
     there, or KSM and all balloons are paused
  2  no daemon answers`,
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
