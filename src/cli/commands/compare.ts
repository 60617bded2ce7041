import { InvalidArgumentError } from 'commander';
import { parseGate, type Gate } from '../../comparison/gates.ts';
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
Each --policy is one column: a file, the name of a policy that comes with
Ballast, several joined with +, or none. The others are compared with
the first. All meet the same demand with a seed, so that already a few seeds
show what is more than chance.

A gate is a limit for CI: a figure, <= or >=, and a value, or a share of what
the first policy has. The exit code is 1 when one is broken:

  --gate 'oom<=0' --gate 'stall<=+2%' --gate 'stall-share<=1%'

docs/compare.md lists the figures.`;

interface Options extends SimulationFlags {
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  readonly more: number;
  readonly gate?: readonly Gate[];
  readonly junit?: string;
  readonly report?: string;
}

export const compareCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('compare')
      .argument('<file...>', 'the scenarios')
      .description('simulate several policies on the same demand, and show how they differ')
      .addOption(configOption('a config file, for its intervals, guards and plugins'))
      .addOption(policyOption('a policy, several joined with +, or none; the others are compared with the first'))
      .addOption(paramOption('set a policy parameter, in all policies that have it; repeatable'))
      .addOption(seedOption())
      .addOption(seedsOption(5))
      .addOption(durationOption())
      .addOption(moreOption())
      .addOption(jobsOption())
      .addOption(cacheOption())
      .option('--gate <gate>', 'fail if a policy does not keep this limit; repeatable', collectGates)
      .option('--junit <file>', 'also write the gates as a JUnit report for CI servers')
      .option('--report <file>', 'also write an HTML page with charts, for a browser')
      .addOption(jsonOption('print the comparison as JSON'))
      .addHelpText('after', HELP)
      .action(
        action(async (files: string[], options: Options) => {
          const { comparePolicies } = await import('../handlers/compare.ts');
          return comparePolicies(
            {
              ...simulationChoice(options),
              files,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              more: options.more,
              gates: options.gate ?? [],
              junit: options.junit ?? null,
              report: options.report ?? null,
            },
            io,
            signals.stop,
          );
        }),
      );
  },
};

function collectGates(text: string, before: readonly Gate[] = []): Gate[] {
  const gate = parseGate(text);
  if ('problem' in gate) throw new InvalidArgumentError(gate.problem);
  return [...before, gate];
}
