import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../yaml/units.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption } from '../options.ts';
import { daemonOptions } from '../support/daemon-options.ts';
import type { DaemonChoice } from '../support/daemon-client.ts';
import { ORDERS, type Order } from '../top/sort.ts';

interface Options extends DaemonChoice {
  readonly interval: number;
  readonly sort: Order;
  readonly once?: boolean;
  readonly json?: boolean;
}

const HELP = `
Keys: q quit; s the next order; r the reverse order; arrows, PgUp, PgDn, Home
and End to scroll. Order "attention" begins with guests in pain, stuck, held
back or paused. A wider terminal shows more columns.

On a terminal that cannot be redrawn (TERM=dumb), and to a file or pipe, each
refresh is printed below the last. NO_COLOR switches colours off.`;

export const topCommand: CommandModule = {
  define(program, { io, signals, action }) {
    const command = program
      .command('top')
      .description('watch the running daemon, its host and its guests')
      .addOption(
        new Option('-i, --interval <duration>', 'time between two refreshes')
          .argParser(parseInterval)
          .default(2000, '2s'),
      )
      .addOption(new Option('-s, --sort <order>', 'the first order').choices(ORDERS).default('attention'))
      .option('--once', 'print all guests once, and end')
      .addOption(jsonOption('one JSON object per line and refresh: status and guests, as in docs/openapi.json'))
      .addHelpText('after', HELP)
      .action(
        action(async ({ interval, sort, once, json, ...daemon }: Options) => {
          const { showTop } = await import('../handlers/top.ts');
          const options = { daemon, intervalMs: interval, order: sort, once: once === true, json: json === true };
          return showTop(options, io, signals.stop);
        }),
      );
    for (const option of daemonOptions()) command.addOption(option);
  },
};

const LEAST_MS = 100;
const MOST_MS = 3_600_000;

function parseInterval(text: string): number {
  const duration = parseDuration(text);
  if ('problem' in duration) throw new InvalidArgumentError(duration.problem);
  if (duration.value < LEAST_MS || duration.value > MOST_MS) throw new InvalidArgumentError('expected 100ms to 1h');
  return duration.value;
}
