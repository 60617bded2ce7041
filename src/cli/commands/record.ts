import type { CommandModule } from '../command.ts';
import { configOption, logFormatOption, logLevelOption } from '../options.ts';
import type { LogFormat, LogLevel } from '../options.ts';

interface Options {
  readonly config?: string;
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
}

export const recordCommand: CommandModule = {
  define(program, { io, signals, action }) {
    program
      .command('record')
      .argument('<file>', 'where to; .jsonl, or .jsonl.gz to compress')
      .description('record what the host does, for replay, without evaluating any policy and without changing anything')
      .addOption(configOption('the config file; without one, the defaults'))
      .addOption(logLevelOption())
      .addOption(logFormatOption())
      .action(
        action(async (file: string, options: Options) => {
          const { runDaemon } = await import('../handlers/run.ts');
          return runDaemon(
            {
              config: options.config ?? null,
              policies: [],
              once: false,
              dryRun: true,
              logLevel: options.logLevel ?? null,
              logFormat: options.logFormat ?? null,
              observeOnly: true,
              record: file,
            },
            io,
            signals,
          );
        }),
      );
  },
};
