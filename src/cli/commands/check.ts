import type { Command } from 'commander';
import type { CommandModule } from '../command.ts';
import { configOption, jsonOption } from '../options.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

export const checkCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('check')
      .argument(
        '[path...]',
        'policy files, or directories with *.policy and *.rules files; all files are checked as one program. Without any, the config is checked with everything it refers to',
      )
      .description(
        'check policies, or a config with its policies, parameters and plugins, without running anything; exit code 1 if there are errors',
      )
      .addOption(configOption('a config file, to load site plugins from; without paths, the file to check'))
      .addOption(jsonOption('print the diagnostics as JSON'))
      .action(
        action(async (paths: string[], options: Options, command: Command) => {
          const { config = null } = options;
          const json = options.json === true;
          if (paths.length === 0) {
            if (config === null) command.error("error: missing required argument 'path', or --config FILE");
            const { checkConfig } = await import('../handlers/check-config.ts');
            return checkConfig({ config, json }, io);
          }
          const { checkPolicies } = await import('../handlers/check.ts');
          const { vocabularyFor } = await import('../../compose/vocabulary.ts');
          return checkPolicies({ paths, json }, io, await vocabularyFor(config));
        }),
      );
  },
};
