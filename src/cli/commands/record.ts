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
      .argument('<file>', 'the output file; .jsonl, or .jsonl.gz to compress')
      .description('record statistics of the host for replay, without evaluating policies or changing anything')
      .addOption(configOption('the config file; default: built-in settings'))
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
