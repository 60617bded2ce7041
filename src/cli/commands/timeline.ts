import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly guest?: string;
  readonly from?: string;
  readonly to?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

const HELP = `
Each line: when, which guest, how much it gained or lost, the sizes before and
after, who requested it and why, and which other guests gained or lost in the
same interval. "ballast explain" and "ballast why" explain one of these times in
full. Times are printed in UTC.

A time is 03:12:40 (local time; UTC with a Z suffix), 2026-01-02T03:12:40Z or
now; in a recording also last, or +5min from its start.`;

export const timelineCommand: CommandModule = {
  define(program, { io, signals, action }) {
    const command = program
      .command('timeline')
      .argument(
        '[recording]',
        'a recording, the directory of a rotated one, or "live": the last hour of the running daemon',
        'live',
      )
      .description('list who took memory from which guest, when and why: one line for each change of a balloon')
      .option('-g, --guest <name>', 'only this guest, by name or UUID')
      .option('--from <time>', 'nothing before this time')
      .option('--to <time>', 'nothing after this time')
      .option('--all', 'also changes of KSM, and requests that were held back (when that began)')
      .addOption(jsonOption('one JSON object per line'))
      .addHelpText('after', HELP)
      .action(
        action(async (recording: string, { guest, from, to, all, json, ...daemon }: Options) => {
          const { showTimeline } = await import('../handlers/timeline.ts');
          const options = { guest: guest ?? null, from: from ?? null, to: to ?? null, all: all === true };
          return showTimeline({ ...options, source: recording, json: json === true, daemon }, io, signals.stop);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};
