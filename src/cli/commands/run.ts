import type { CommandModule } from '../command.ts';
import { configOption, logFormatOption, logLevelOption, paramOption, policyOption } from '../options.ts';
import type { LogFormat, LogLevel } from '../options.ts';
import type { ParamOverride } from '../../model/parameter.ts';

interface Options {
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly param?: readonly ParamOverride[];
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
}

export const runCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('run')
      .description('watch this host and steer it, until told to stop')
      .addOption(configOption('the config file; without one, the defaults'))
      .addOption(policyOption())
      .option('--once', 'one interval, then leave')
      .option('-n, --dry-run', 'decide and log, but change nothing')
      .addOption(paramOption('a value for a parameter of the policies, before all others; may be given more than once'))
      .addOption(logLevelOption())
      .addOption(logFormatOption())
      .action(
        action(async (options: Options) => {
          const { runDaemon } = await import('../handlers/run.ts');
          return runDaemon(
            {
              config: options.config ?? null,
              policies: options.policy ?? [],
              parameters: options.param ?? [],
              once: options.once === true,
              dryRun: options.dryRun === true,
              logLevel: options.logLevel ?? null,
              logFormat: options.logFormat ?? null,
              observeOnly: false,
              record: null,
            },
            io,
            signals,
          );
        }),
      );
  },
};
