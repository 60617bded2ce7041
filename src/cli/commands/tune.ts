import type { CommandModule } from '../command.ts';
import { collect, configOption, jsonOption, wholeNumber } from '../options.ts';
import {
  cacheOption,
  durationOption,
  jobsOption,
  seedOption,
  seedsOption,
  simulationChoice,
  type SimulationFlags,
} from '../simulation-options.ts';

const HELP = `
Simulates the policy with many choices of values, drops the worse half again and
again, and judges the last four with seeds that played no part in choosing them.
The table has what each choice costs and gains, with today's values first. A
choice is recommended only if it is better by more than chance, and worse in
nothing.

  ballast tune balanced+ksm-budget day.yaml --param room=10%..30%

"ballast params" lists the parameters of a policy. Scenarios in a folder named
held-out are refused: they are there to judge the result. docs/tune.md explains
the output.`;

interface Options extends SimulationFlags {
  readonly param?: readonly string[];
  readonly choices: number;
}

export const tuneCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('tune')
      .argument('<policy>', 'a policy file, the name of a shipped policy, or several joined with +')
      .argument('<file...>', 'the scenarios')
      .description('search for better values of the parameters of a policy')
      .addOption(configOption('a config file, for its intervals, guards, plugins and the values of today'))
      .option(
        '--param <name=from..to>',
        'a parameter to vary; without a range, all values that the policy allows; repeatable',
        collect,
      )
      .option('--choices <number>', 'how many choices of values to try', wholeNumber(2), 16)
      .addOption(seedOption())
      .addOption(seedsOption(8))
      .addOption(durationOption())
      .addOption(jobsOption())
      .addOption(cacheOption())
      .addOption(jsonOption('print the result as JSON'))
      .addHelpText('after', HELP)
      .action(
        action(async (policy: string, files: string[], options: Options) => {
          const { tunePolicy } = await import('../handlers/tune.ts');
          return tunePolicy(
            {
              policy,
              ...simulationChoice(options),
              files,
              dimensions: options.param ?? [],
              choices: options.choices,
            },
            io,
            signals.stop,
          );
        }),
      );
  },
};
