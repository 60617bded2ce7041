import { InvalidArgumentError, Option } from 'commander';
import { parseGate, type Gate } from '../../comparison/gates.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { CommandModule } from '../command.ts';
import { configOption, jsonOption, paramOption, policyOption } from '../options.ts';
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
Simulates each scenario with more and with fewer guests, which are copies of its
own in turn, and finds by bisection the most with which all limits are kept.
Each seed is a day of its own with a result of its own; what holds for all of
them is printed. The last line says how many more guests would fit.

Each --policy is a search of its own: a file, the name of a policy that comes
with Ballast, several joined with +, none, or oracle. Any figure of
"ballast compare" can be a limit, for example --limit 'swap-out<=1GiB'.

docs/capacity.md explains the output.`;

interface Options extends SimulationFlags {
  readonly policy?: readonly string[];
  readonly param?: readonly ParamOverride[];
  readonly maxStall: Gate;
  readonly maxOom: Gate;
  readonly maxBelowMin: Gate;
  readonly limit?: readonly Gate[];
}

export const capacityCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('capacity')
      .argument('<file...>', 'the scenarios')
      .description('find how many guests a host carries within limits')
      .addOption(configOption('a config file, for its intervals, guards and plugins'))
      .addOption(policyOption('a policy, several joined with +, none, or oracle; each is a search of its own'))
      .addOption(paramOption('set a policy parameter, in all policies that have it; repeatable'))
      .addOption(mostOption('--max-stall <share>', 'the share of their time that guests may wait', 'stall-share', '1%'))
      .addOption(mostOption('--max-oom <number>', 'how many programs and guests may be killed', 'oom', '0'))
      .addOption(mostOption('--max-below-min <time>', 'how long guests may be below their minimum', 'below-min', '0s'))
      .option('--limit <limit>', 'another limit, such as swap-out<=1GiB; repeatable', collectLimits)
      .addOption(seedOption())
      .addOption(seedsOption(5))
      .addOption(durationOption())
      .addOption(jobsOption())
      .addOption(cacheOption())
      .addOption(jsonOption('print one JSON object per line, for each scenario and policy'))
      .addHelpText('after', HELP)
      .action(
        action(async (files: string[], options: Options) => {
          const { findCapacity } = await import('../handlers/capacity.ts');
          const { maxStall, maxOom, maxBelowMin, limit = [] } = options;
          return findCapacity(
            {
              ...simulationChoice(options),
              files,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              limits: [maxStall, maxOom, maxBelowMin, ...limit],
            },
            io,
            signals.stop,
          );
        }),
      );
  },
};

/** The most that a figure may be. */
function mostOption(flags: string, description: string, key: string, usual: string): Option {
  const parse = (text: string): Gate => limitOf(`${key}<=${text}`);
  return new Option(flags, description).argParser(parse).default(parse(usual), usual);
}

function limitOf(text: string): Gate {
  const gate = parseGate(text);
  if ('problem' in gate) throw new InvalidArgumentError(gate.problem);
  if ('factor' in gate.limit)
    throw new InvalidArgumentError(`${gate.text} is relative; there is no other policy here to compare with`);
  return gate;
}

function collectLimits(text: string, before: readonly Gate[] = []): Gate[] {
  return [...before, limitOf(text)];
}
