import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly for?: string;
  readonly remove?: boolean;
  readonly json?: boolean;
}

export const reserveCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('reserve')
      .argument('[name]', 'what it is for, such as the name of the guest; default: list the reservations')
      .argument('[size]', 'how much, such as 4GiB')
      .description('keep room on the host for a guest that is about to start or to arrive')
      .option('--for <duration>', 'how long; default: 10min')
      .option('--remove', 'give the room up again')
      .addOption(jsonOption('print the reservations as JSON, as /v1/reservations in docs/openapi.json'))
      .action(
        action(async (name: string | undefined, size: string | undefined, options: Options) => {
          const { reserve } = await import('../handlers/reserve.ts');
          return reserve({ ...options, name, size, remove: options.remove === true, json: options.json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
