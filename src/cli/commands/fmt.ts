import type { CommandModule } from '../command.ts';

interface Options {
  readonly check?: boolean;
  readonly diff?: boolean;
}

export const fmtCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('fmt')
      .argument('<path...>', 'policy files, directories (their *.policy and *.rules files), or - for standard input')
      .description('give policies their one layout, in place; prints the files that it changes')
      .option('--check', 'write nothing; print what would change, exit code 1 if anything would')
      .option('--diff', 'write nothing; show what would change')
      .action(
        action(async (paths: string[], options: Options) => {
          const { formatPolicies } = await import('../handlers/fmt.ts');
          return formatPolicies({ paths, check: options.check === true, diff: options.diff === true }, io);
        }),
      );
  },
};
