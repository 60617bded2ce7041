import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly json?: boolean;
}

export const guestsCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('guests')
      .description('list the guests of the running daemon: size, what was wanted, and what holds it back')
      .addOption(jsonOption('as JSON, as /v1/guests in docs/openapi.json'))
      .action(
        action(async (options: Options) => {
          const { showGuests } = await import('../handlers/guests.ts');
          return showGuests({ ...options, json: options.json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
