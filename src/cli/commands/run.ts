import type { CommandModule } from '../command.ts';
import {
  configOption,
  logFormatOption,
  logLevelOption,
  paramOption,
  policyOption,
  shadowOption,
  shadowParamOption,
} from '../options.ts';
import type { LogFormat, LogLevel } from '../options.ts';
import type { ParamOverride } from '../../model/parameter.ts';

interface Options {
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly param?: readonly ParamOverride[];
  readonly shadow?: readonly string[];
  readonly shadowParam?: readonly ParamOverride[];
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
}

export const runCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('run')
      .description('run the daemon: collect statistics, evaluate policies and apply their decisions')
      .addOption(configOption('the config file; default: built-in settings'))
      .addOption(policyOption())
      .option('--once', 'run one interval, then exit')
      .option('-n, --dry-run', 'log decisions without applying them')
      .addOption(paramOption('set a policy parameter, overriding all other sources; repeatable'))
      .addOption(shadowOption())
      .addOption(shadowParamOption())
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
              shadow: { files: options.shadow ?? [], parameters: options.shadowParam ?? [] },
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
