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
      .argument('[file...]', 'test files, or directories with *.test.yaml files')
      .description('run policy tests; exit code 1 if a test fails')
      .addOption(pluginConfigOption())
      .option('-f, --filter <text>', 'run only cases whose name contains this text')
      .option('--coverage', 'print policy coverage, with the parts that no case reached')
      .option('--min-coverage <percent>', 'fail if the branch coverage of a policy is lower than this', parsePercent)
      .option('--junit <file>', 'also write a JUnit report for CI servers')
      .addOption(jsonOption('print the results as JSON'))
      .option('--schema', 'run nothing; print the JSON Schema of test files, for completion in editors')
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
    throw new InvalidArgumentError('expected a percentage from 0 to 100');
  return percent;
}
