import type { CommandModule } from '../command.ts';

interface Options {
  readonly expression?: string;
  readonly cases?: string;
}

export const evalCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('eval')
      .argument('[file]', 'a policy file; without a file or -e, start an interactive prompt')
      .description('evaluate policy language expressions')
      .option('-e, --expression <text>', 'the expression to evaluate')
      .option(
        '--cases <file>',
        'evaluate cases from a JSON Lines file (- for standard input); print one JSON line for each',
      )
      .action(
        action(async (file: string | undefined, { expression, cases }: Options) => {
          const { evaluateExpressions } = await import('../handlers/eval.ts');
          return evaluateExpressions({ file: file ?? null, expression: expression ?? null, cases: cases ?? null }, io);
        }),
      );
  },
};
