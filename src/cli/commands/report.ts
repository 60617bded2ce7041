import type { CommandModule } from '../command.ts';
import { collect } from '../options.ts';

interface Options {
  readonly output: string;
  readonly guest?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

const HELP = `
The page shows the memory of the host and of each guest over time, all
decisions with their reasons, what guards held back, and what KSM saved. It
needs no network, and can be read on a phone, printed or mailed. Its times are
those of this machine's zone; TZ=UTC in the environment writes UTC. Several
files, or a directory, are one recording of one host.
A time is 03:12:40 (local time; UTC with a Z suffix), 2026-01-02T03:12:40Z or
now; also last, or +5min from the start.`;

export const reportCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('report')
      .argument('<recording...>', 'the recordings of one host; a directory stands for the files in it')
      .description('write an HTML page with charts of a recording: memory, decisions, what was held back, KSM')
      .option('-o, --output <file>', 'the page', 'ballast-report.html')
      .option('-g, --guest <name>', 'show only this guest, by name or UUID; repeatable', collect)
      .option('--from <time>', 'nothing before this time')
      .option('--to <time>', 'nothing after this time')
      .addHelpText('after', HELP)
      .action(
        action(async (recordings: string[], { output, guest, from, to }: Options) => {
          const { writeReport } = await import('../handlers/report.ts');
          const options = { recordings, output, guests: guest ?? [], from: from ?? null, to: to ?? null };
          return writeReport(options, io, signals.stop);
        }),
      );
  },
};
