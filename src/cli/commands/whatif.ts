import type { ParamOverride } from '../../model/parameter.ts';
import type { CommandModule } from '../command.ts';
import { configOption, jsonOption, paramOption, policyOption } from '../options.ts';
import { cacheOption, durationOption, jobsOption, moreOption, seedOption } from '../simulation-options.ts';

const HELP = `
A model of each guest and of the host is fitted to the recording. First the
balloon targets and KSM settings that were recorded are played back: the table
says how far the simulated host is from the recorded one, which is how wrong the
model is for this recording. Then each policy is simulated on the same demand.
What is not in the recording is inferred or assumed, and listed as a warning.
docs/traces.md says more.`;

interface Options {
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  readonly seed: number;
  /** Milliseconds. */
  readonly duration?: number;
  readonly from?: string;
  readonly to?: string;
  readonly more: number;
  readonly jobs?: number;
  readonly cache: boolean;
  readonly json?: boolean;
}

export const whatifCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('whatif')
      .argument('<recording...>', 'a recording: its files, or their directory')
      .description('simulate other policies on the demand of a recording')
      .addOption(configOption('a config file, for its intervals, guards and plugins'))
      .addOption(policyOption('a policy, several joined with +, or none; repeatable, each is a column'))
      .addOption(paramOption('set a policy parameter, in all policies that have it; repeatable'))
      .addOption(seedOption())
      .addOption(durationOption())
      .option('--from <time>', 'begin at this time of the recording')
      .option('--to <time>', 'end at this time of the recording')
      .addOption(moreOption())
      .addOption(jobsOption())
      .addOption(cacheOption())
      .addOption(jsonOption('print one JSON object per line: the error of the model, then each column'))
      .addHelpText('after', HELP)
      .action(
        action(async (recordings: string[], options: Options) => {
          const { simulateRecording } = await import('../handlers/whatif.ts');
          return simulateRecording(
            {
              recordings,
              config: options.config ?? null,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              seed: options.seed,
              durationMs: options.duration ?? null,
              from: options.from ?? null,
              to: options.to ?? null,
              more: options.more,
              jobs: options.jobs ?? null,
              cache: options.cache,
              json: options.json === true,
            },
            io,
            signals.stop,
          );
        }),
      );
  },
};
