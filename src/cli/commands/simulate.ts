import type { ParamOverride } from '../../model/parameter.ts';
import type { CommandModule } from '../command.ts';
import { configOption, jsonOption, paramOption, policyOption } from '../options.ts';
import {
  cacheOption,
  durationOption,
  jobsOption,
  moreOption,
  seedOption,
  seedsOption,
  simulationChoice,
  type SimulationFlags,
} from '../simulation-options.ts';

const HELP = `
Runs the policies with all guards against simulated hosts, on virtual time: a
day takes seconds. The result shows what that cost the guests and what it
gained. The same seed gives the same result. docs/simulate.md says what is
modelled and what is not, and how a scenario is written; scenarios/ has some.

A policy is a file, or the name of one that comes with Ballast, such as
mom-balloon, ksmtuned or proxmox. "none" decides nothing, to compare with. All
policies that are given form one program, as with "ballast run".`;

interface Options extends SimulationFlags {
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  readonly more: number;
  readonly output?: string;
  readonly parquet?: string;
  readonly report?: string;
}

export const simulateCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('simulate')
      .argument('<file...>', 'scenarios or recordings')
      .description('run policies against a simulated host, and show what that costs and gains')
      .addOption(configOption('a config file, for its intervals, policies, guards and plugins'))
      .addOption(
        policyOption(
          'a policy file, the name of a shipped policy, several joined with +, or none; used instead of those in the config; repeatable',
        ),
      )
      .addOption(paramOption('set a policy parameter; repeatable'))
      .addOption(seedOption())
      .addOption(seedsOption(1))
      .addOption(durationOption())
      .addOption(moreOption())
      .addOption(jobsOption())
      .addOption(cacheOption())
      .addOption(jsonOption('print one JSON object per line, for each scenario and seed'))
      .option(
        '-o, --output <file>',
        'record the simulation, for explain, timeline and replay; only of one scenario and seed',
      )
      .option('--parquet <directory>', 'write each simulation as tables of "ballast export"; host: scenario and seed')
      .option('--report <file>', 'also write an HTML page with charts, for a browser')
      .addHelpText('after', HELP)
      .action(
        action(async (files: string[], options: Options) => {
          const { simulateScenarios } = await import('../handlers/simulate.ts');
          return simulateScenarios(
            {
              ...simulationChoice(options),
              files,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              more: options.more,
              output: options.output ?? null,
              parquet: options.parquet ?? null,
              report: options.report ?? null,
            },
            io,
            signals.stop,
          );
        }),
      );
  },
};
