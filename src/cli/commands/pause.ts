import type { Command } from 'commander';
import type { CommandContext, CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly guest?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

const SUBJECT = 'all, ksm, balloons, or the name or UUID of a guest';

const PAUSE_HELP = `
Examples:
  ballast pause db-1 --for 30min --reason "slow since 03:12"
  ballast pause all
  ballast pause

A paused guest keeps the size that it has: a pause does not give back what its
balloon took ("ballast release GUEST" does, before the pause). A pause survives
a restart of the daemon.`;

export const pauseCommand: CommandModule = {
  define(program, context) {
    const command = common(program.command('pause'), context, 'pause')
      .argument('[what]', `${SUBJECT}; default: list what is paused`)
      .description(
        'stop all changes to KSM, the balloons or one guest; the daemon goes on watching, and logs what it would do',
      )
      .option('--for <duration>', 'how long, such as 30min; default: until "ballast resume"')
      .option('--reason <text>', 'why, for the log and for "ballast why"');
    command.addHelpText('after', PAUSE_HELP);
    for (const option of daemonOptions()) command.addOption(option);
  },
};

export const resumeCommand: CommandModule = {
  define(program, context) {
    const command = common(program.command('resume'), context, 'resume')
      .argument('[what]', SUBJECT)
      .description('end a pause: let Ballast change KSM, the balloons or the guest again');
    for (const option of daemonOptions()) command.addOption(option);
  },
};

function common(command: Command, { io, action }: CommandContext, name: 'pause' | 'resume'): Command {
  return command
    .option('-g, --guest <name>', 'the guest by name, for one that is called "all", "ksm" or "balloons"')
    .addOption(jsonOption('print what is paused as JSON: /v1/pauses in docs/openapi.json'))
    .action(
      action(async (what: string | undefined, options: Options) => {
        const handlers = await import('../handlers/pause.ts');
        return handlers[name]({ ...options, what, json: options.json === true }, io);
      }),
    );
}
