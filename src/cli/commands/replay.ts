import { InvalidArgumentError } from 'commander';
import type { ParamOverride } from '../../model/parameter.ts';
import { parseDuration } from '../../yaml/units.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption, logFormatOption, policyOption, recordingConfigOption, recordingParamOption } from '../options.ts';
import type { LogFormat } from '../options.ts';

const HELP = `
A replay shows what the policy would decide at each recorded moment, without the consequences of its decisions: the
next recorded moment is as it was, whatever was decided before. Read it as "what would it have done here", not as
"what would have become of the host".`;

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
      .argument('<file...>', 'recordings')
      .description('show what a policy would decide at each moment of a recording')
      .addOption(recordingConfigOption())
      .addOption(policyOption())
      .addOption(recordingParamOption())
      .option(
        '--policy-interval <duration>',
        'how often to evaluate, such as 30s; otherwise as it was when recorded',
        parseInterval,
      )
      .addOption(jsonOption('one JSON object a line: each evaluation, then the summary'))
      .option('-q, --quiet', 'only the summary')
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
  if (parsed.value === 0) throw new InvalidArgumentError('an interval is longer than nothing');
  return parsed.value;
}
