import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly json?: boolean;
}

const HELP = `
Columns:
  size    what the balloon leaves the guest now
  wanted  what the last evaluation requested for it; -: nothing
  floor   no guard lets the guest become smaller than this
  max     what it was started with
  notes   "held back by GUARD": see "ballast why GUEST", and docs/guards.md

Exit codes: 0 listed; 1 libvirt cannot be asked, so the guests are unknown; 2 no
daemon answers.`;

export const guestsCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('guests')
      .description('list the guests: size, what was wanted for each, floor, maximum, and what holds it back')
      .addOption(jsonOption('print JSON: /v1/guests in docs/openapi.json'))
      .addHelpText('after', HELP)
      .action(
        action(async (options: Options) => {
          const { showGuests } = await import('../handlers/guests.ts');
          return showGuests({ ...options, json: options.json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
