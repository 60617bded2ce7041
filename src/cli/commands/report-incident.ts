import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../yaml/units.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';

interface Options extends DaemonChoice {
  readonly around: string;
  readonly window: number;
  readonly recording?: string;
  readonly log?: string;
  readonly unit: string;
  readonly output?: string;
  readonly json?: boolean;
}

const HELP = `
The archive has slices of the recording and of the log, what was written to
balloons and held back, what the running daemon reports, the config without
secrets, the policies and versions. Works without a daemon. What could not be
read is named in manifest.json.

Look through it before you send it: passwords and tokens are removed where they
are recognized, names of guests are not.`;

export const reportIncidentCommand: CommandModule = {
  define(program, { io, action }) {
    const command = program
      .command('report-incident')
      .description('write one archive with what is known about a time: recording, decisions, log, config, versions')
      .requiredOption(
        '-a, --around <time>',
        'the time: 03:12:40 of the last day (local time; UTC with a Z suffix), 2026-01-02T03:12:40Z or now',
      )
      .addOption(
        new Option('-w, --window <duration>', 'how long before and after')
          .argParser(parseWindow)
          .default(600_000, '10min'),
      )
      .option(
        '-r, --recording <file>',
        'a recording, or the directory of a rotated one; default: that of the config or the daemon',
      ) // prettier-ignore
      .option('--log <file>', 'the log; default: that of the config, or the journal')
      .option('--unit <name>', 'the service, for the journal', 'ballast')
      .option('-o, --output <file>', 'the archive; default: ballast-incident-TIME.tar.gz')
      .addOption(jsonOption('print the manifest as JSON'))
      .addHelpText('after', HELP)
      .action(
        action(async ({ window, json, ...options }: Options) => {
          const { reportIncident } = await import('../handlers/report-incident.ts');
          return reportIncident({ ...options, halfMs: window, json: json === true }, io);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};

const MOST_MS = 86_400_000;

function parseWindow(text: string): number {
  const duration = parseDuration(text);
  if ('problem' in duration) throw new InvalidArgumentError(duration.problem);
  if (duration.value < 1000 || duration.value > MOST_MS) throw new InvalidArgumentError('expected 1s to 24h');
  return duration.value;
}
