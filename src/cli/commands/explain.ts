import type { ParamOverride } from '../../model/parameter.ts';
import type { CommandModule } from '../command.ts';
import { jsonOption, policyOption, recordingConfigOption, recordingParamOption } from '../options.ts';

const HELP = `
What is explained is the last evaluation at or before the time. A recording holds figures and decisions, not policies: give
the policy that ran, or another one to see what it would have made of the same moment.`;

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
      .argument('<file>', 'a recording')
      .description('show how a policy came to a decision, or why it decided nothing, at one moment of a recording')
      .requiredOption(
        '-a, --at <time>',
        'the moment: 03:12:40 (local; with a Z in UTC), 2026-01-02T03:12:40Z, or +5min from the beginning',
      )
      .option('-g, --guest <name>', 'the guest, by name or uuid; without one, the decisions for the host')
      .addOption(recordingConfigOption())
      .addOption(policyOption())
      .addOption(recordingParamOption())
      .addOption(jsonOption('the explanation as one JSON object'))
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
