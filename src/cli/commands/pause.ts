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

export const pauseCommand: CommandModule = {
  define(program, context) {
    const command = common(program.command('pause'), context, 'pause')
      .argument('[what]', `${SUBJECT}; default: list what is paused`)
      .description(
        'let the running daemon write nothing to KSM, the balloons or one guest; it goes on to watch and decide',
      )
      .option('--for <duration>', 'how long, such as 30min; default: until it is resumed')
      .option('--reason <text>', 'why, for the log and for "ballast why"');
    for (const option of daemonOptions()) command.addOption(option);
  },
};

export const resumeCommand: CommandModule = {
  define(program, context) {
    const command = common(program.command('resume'), context, 'resume')
      .argument('[what]', SUBJECT)
      .description('end a pause');
    for (const option of daemonOptions()) command.addOption(option);
  },
};

function common(command: Command, { io, action }: CommandContext, name: 'pause' | 'resume'): Command {
  return command
    .option('-g, --guest <name>', 'a guest, also one that is called "ksm"')
    .addOption(jsonOption('print what is paused as JSON, as /v1/pauses in docs/openapi.json'))
    .action(
      action(async (what: string | undefined, options: Options) => {
        const handlers = await import('../handlers/pause.ts');
        return handlers[name]({ ...options, what, json: options.json === true }, io);
      }),
    );
}
