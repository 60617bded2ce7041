import type { ParamOverride } from '../../model/parameter.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption, policyOption, recordingConfigOption, recordingParamOption } from '../options.ts';

const HELP = `
Explains the last evaluation at or before the given time. A recording contains
statistics and decisions, but no policies: give the policy that was running, or
a different one to see what it would have decided. The guards have their default
settings unless you give the config.`;

interface Options {
  readonly at: string;
  readonly guest?: string;
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  readonly json?: boolean;
}

export const explainCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('explain')
      .argument('<file>', 'the recording, or the directory of a rotated one')
      .description('explain why a policy made a decision, or none, at one point in a recording')
      .requiredOption(
        '-a, --at <time>',
        'the time: 03:12:40 (local time; UTC with a Z suffix), 2026-01-02T03:12:40Z, as in a log line, +5min from the start, last, or now',
      )
      .option('-g, --guest <name>', 'the guest, by name or UUID; default: explain host decisions')
      .addOption(recordingConfigOption())
      .addOption(policyOption())
      .addOption(recordingParamOption())
      .addOption(jsonOption('print the explanation as a JSON object'))
      .addHelpText('after', HELP)
      .action(
        action(async (file: string, options: Options) => {
          const { explainDecision } = await import('../handlers/explain.ts');
          return explainDecision(
            {
              file,
              at: options.at,
              guest: options.guest ?? null,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              config: options.config ?? null,
              json: options.json === true,
            },
            io,
          );
        }),
      );
  },
};
