import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly for?: string;
  readonly remove?: boolean;
  readonly json?: boolean;
}

const HELP = `
Example:
  ballast reserve web-9 4GiB --for 20min

The other guests get less while it lasts. It does not end when the guest starts:
remove it then.`;

export const reserveCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('reserve')
      .argument('[name]', 'what it is for, such as the name of the guest; default: list the reservations')
      .argument('[size]', 'how much, such as 4GiB')
      .description('keep room on the host for a guest that is about to start or to arrive')
      .option('--for <duration>', 'how long; default: 10min')
      .option('--remove', 'end the reservation')
      .addOption(jsonOption('print the reservations as JSON: /v1/reservations in docs/openapi.json'))
      .addHelpText('after', HELP)
      .action(
        action(async (name: string | undefined, size: string | undefined, options: Options) => {
          const { reserve } = await import('../handlers/reserve.ts');
          return reserve({ ...options, name, size, remove: options.remove === true, json: options.json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
