import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly at?: string;
  readonly json?: boolean;
}

const HELP = `
Examples:
  ballast why                   the host: KSM
  ballast why db-1              the last evaluation
  ballast why db-1 --at 03:12   the one at that time

The second line is the answer; what follows is the way through the policy. The
daemon remembers the writes of the last hour, and its last evaluations in full.
For earlier ones, use "ballast explain" with a recording.

Exit codes: 0 answered; 2 no such guest, or no daemon answers.`;

export const whyCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('why')
      .argument('[guest]', 'the guest, by name or UUID; default: the host')
      .description('explain why a guest was changed or left alone: policy, guards, pauses')
      .option(
        '-a, --at <time>',
        'the last evaluation at or before this time: 03:12:40 (local time; UTC with a Z suffix), 2026-01-02T03:12:40Z; default: now',
      )
      .addOption(jsonOption('print JSON: /v1/why in docs/openapi.json'))
      .addHelpText('after', HELP)
      .action(
        action(async (guest: string | undefined, options: Options) => {
          const { showWhy } = await import('../handlers/why.ts');
          return showWhy({ ...options, guest: guest ?? null, json: options.json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
