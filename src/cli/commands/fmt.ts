import type { CommandModule } from '../command.ts';

interface Options {
  readonly check?: boolean;
  readonly diff?: boolean;
}

export const fmtCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('fmt')
      .argument('<path...>', 'policy files, directories with *.policy and *.rules files, or - for standard input')
      .description('format policies in place; print the names of the changed files')
      .option('--check', 'write nothing; list the files that would change, exit code 1 if there are any')
      .option('--diff', 'write nothing; print the changes as a diff')
      .action(
        action(async (paths: string[], options: Options) => {
          const { formatPolicies } = await import('../handlers/fmt.ts');
          return formatPolicies({ paths, check: options.check === true, diff: options.diff === true }, io);
        }),
      );
  },
};
