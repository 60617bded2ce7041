import { InvalidArgumentError } from 'commander';
import { parseSize } from '../../yaml/units.ts';
import type { CommandModule } from '../command.ts';
import { moreOption } from '../simulation-options.ts';

const HELP = `
A source is a recording ("ballast record"), a plot directory of MOM, files of
GWA-T-12, a table of Alibaba's cluster traces, a CSV of your own, or a scenario
file; what it is, its content says. A directory stands for the files in it.
docs/traces.md describes the formats, and what is inferred from each.`;

interface Options {
  readonly output?: string;
  readonly memory?: number;
  readonly guestMemory?: number;
  readonly more: number;
  readonly from?: string;
  readonly to?: string;
  readonly bursts: boolean;
}

export const scenarioCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('scenario')
      .argument('<source...>', 'recordings or traces of one host, or a scenario')
      .description('write a scenario file from a recording or a trace')
      .option('-o, --output <file>', 'write to this file instead of standard output')
      .option('--memory <size>', 'the memory of the host, where the source does not have it', parseKib)
      .option('--guest-memory <size>', 'the memory of each guest, where the source has only shares of it', parseKib)
      .addOption(moreOption())
      .option('--from <time>', 'begin at this time of the source')
      .option('--to <time>', 'end at this time of the source')
      .option('--no-bursts', 'add no bursts to traces with steps of more than a minute')
      .addHelpText('after', HELP)
      .action(
        action(async (sources: string[], options: Options) => {
          const { writeScenario } = await import('../handlers/write-scenario.ts');
          return writeScenario(
            {
              sources,
              output: options.output ?? null,
              memoryKib: options.memory ?? null,
              guestMemoryKib: options.guestMemory ?? null,
              more: options.more,
              from: options.from ?? null,
              to: options.to ?? null,
              bursts: options.bursts,
            },
            io,
          );
        }),
      );
  },
};

/** KiB. */
function parseKib(text: string): number {
  const parsed = parseSize(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  if (parsed.value < 256 * 1024) throw new InvalidArgumentError('the size must be at least 256MiB');
  return parsed.value;
}
