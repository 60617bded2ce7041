import { InvalidArgumentError } from 'commander';
import type { ParamOverride } from '../../model/parameter.ts';
import { parseDuration } from '../../yaml/units.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption, logFormatOption, policyOption, recordingConfigOption, recordingParamOption } from '../options.ts';
import type { LogFormat } from '../options.ts';

const HELP = `
A replay evaluates the policy on each recorded interval. It does not simulate
the effects of the decisions: the next interval has the statistics that were
recorded, whatever the policy decided before. The result shows what the policy
would have decided at each point, not how the host would have developed. The
guards have their default settings unless you give the config.`;

interface Options {
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  /** Milliseconds. */
  readonly policyInterval?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly logFormat: LogFormat;
}

export const replayCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('replay')
      .argument('<file...>', 'the recordings')
      .description('show what a policy would have decided at each point in a recording')
      .addOption(recordingConfigOption())
      .addOption(policyOption())
      .addOption(recordingParamOption())
      .option(
        '--policy-interval <duration>',
        'the policy evaluation interval, such as 30s; default: as recorded',
        parseInterval,
      )
      .addOption(jsonOption('print one JSON object per line: each evaluation, then the summary'))
      .option('-q, --quiet', 'print only the summary')
      .addOption(logFormatOption().default('pretty'))
      .addHelpText('after', HELP)
      .action(
        action(async (files: string[], options: Options) => {
          const { replayRecordings } = await import('../handlers/replay.ts');
          return replayRecordings(
            {
              files,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              config: options.config ?? null,
              json: options.json === true,
              quiet: options.quiet === true,
              logFormat: options.logFormat,
              policyIntervalMs: options.policyInterval ?? null,
            },
            io,
            signals.stop,
          );
        }),
      );
  },
};

/** Milliseconds. */
function parseInterval(text: string): number {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  if (parsed.value === 0) throw new InvalidArgumentError('the interval must be greater than 0');
  return parsed.value;
}
