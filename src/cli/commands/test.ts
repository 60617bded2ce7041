import { InvalidArgumentError, type Command } from 'commander';
import type { CommandModule } from '../command.ts';
import { jsonOption, pluginConfigOption } from '../options.ts';
import { EXIT } from '../support/exit-codes.ts';

interface Options {
  readonly config?: string;
  readonly filter?: string;
  readonly coverage?: boolean;
  /** Percent, 0 to 100. */
  readonly minCoverage?: number;
  readonly junit?: string;
  readonly json?: boolean;
  readonly schema?: boolean;
}

export const testCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('test')
      .argument('[file...]', 'test files, or directories with *.test.yaml')
      .description('run the tests of policies; exit code 1 if one fails')
      .addOption(pluginConfigOption())
      .option('-f, --filter <text>', 'only cases that have this in their name')
      .option('--coverage', 'show what of the policies no case has come to')
      .option('--min-coverage <percent>', 'fail if fewer of the branches of a policy were taken', parsePercent)
      .option('--junit <file>', 'write a report for CI servers too')
      .addOption(jsonOption('the results as JSON'))
      .option('--schema', 'run nothing; print the JSON Schema of test files, by which editors complete them')
      .action(
        action(async (files: string[], options: Options, command: Command) => {
          if (files.length === 0 && options.schema !== true) command.error("error: missing required argument 'file'");
          const { vocabularyFor } = await import('../../compose/vocabulary.ts');
          const vocabulary = await vocabularyFor(options.config ?? null);
          if (options.schema === true) {
            const { policyTestJsonSchema } = await import('../../tooling/testing/json-schema.ts');
            io.stdout.write(policyTestJsonSchema(vocabulary));
            return EXIT.ok;
          }
          const { runPolicyTests } = await import('../handlers/test.ts');
          const { filter = null, coverage = false, minCoverage = null, junit = null, json = false } = options;
          const clock = () => performance.now();
          return runPolicyTests({ files, filter, coverage, minCoverage, junit, json, clock }, io, vocabulary);
        }),
      );
  },
};

function parsePercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw new InvalidArgumentError('write a percentage from 0 to 100');
  return percent;
}
