import type { CommandModule } from '../command.ts';

interface Options {
  readonly expression?: string;
  readonly cases?: string;
}

export const evalCommand: CommandModule = {
  define(program, { io, action }) {
    program
      .command('eval')
      .argument('[file]', 'a policy file; without one and without -e, a prompt')
      .description('evaluate expressions of the policy language')
      .option('-e, --expression <text>', 'an expression')
      .option('--cases <file>', 'cases as JSON lines (- for standard input), an answer as a JSON line for each')
      .action(
        action(async (file: string | undefined, { expression, cases }: Options) => {
          const { evaluateExpressions } = await import('../handlers/eval.ts');
          return evaluateExpressions({ file: file ?? null, expression: expression ?? null, cases: cases ?? null }, io);
        }),
      );
  },
};
