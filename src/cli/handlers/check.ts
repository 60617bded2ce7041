import type { Vocabulary } from '../../model/vocabulary.ts';
import { loadPolicy, renderDiagnostics, type Diagnostic } from '../../policy/index.ts';
import { policyPaths } from '../../policy-files/find.ts';
import { readAllPolicies } from '../../policy-files/read.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';

/**
 * `ballast check PATH…`: prints all diagnostics of the files as one program. Exit code 1 if there are errors.
 * @throws OperatorError when a file cannot be read
 */
export async function checkPolicies(
  options: { readonly paths: readonly string[]; readonly json: boolean },
  io: Io,
  vocabulary: Vocabulary,
): Promise<number> {
  const { files, problems } = await policyPaths(options.paths);
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
  const sources = await readAllPolicies(files, options.paths);
  const { diagnostics } = loadPolicy(sources, { vocabulary });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (options.json) {
    io.stdout.write(`${JSON.stringify(diagnostics.map(asJson), null, 2)}\n`);
  } else {
    io.stdout.write(renderDiagnostics(diagnostics, sources, { color: io.stdout.isTTY === true }));
    io.stdout.write(`${summary(sources.length, errors, diagnostics.length - errors)}\n`);
  }
  return errors > 0 ? EXIT.problems : EXIT.ok;
}

function summary(files: number, errors: number, warnings: number): string {
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const found = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  return `${count(files, 'file')}: ${found.length > 0 ? found.join(', ') : 'no mistakes found'}`;
}

function asJson({ position, end, severity, code, message, hint }: Diagnostic) {
  return {
    file: position?.file ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
    endLine: end?.line ?? null,
    endColumn: end?.column ?? null,
    severity,
    code,
    message,
    hint,
  };
}
