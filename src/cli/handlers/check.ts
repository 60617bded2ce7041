import { onceEach } from '../../config/policy-files.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { loadPolicy, renderDiagnostics, type Diagnostic, type PolicySource } from '../../policy/index.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readSource } from '../support/read-source.ts';

/** `ballast check FILE…`: all diagnostics of the files, which form one program. Exit code 1 when one is an error. */
export async function checkCommand(
  options: { readonly files: readonly string[]; readonly json: boolean },
  io: Io,
  vocabulary: Vocabulary,
): Promise<number> {
  const read = await Promise.all(onceEach(options.files).map((file) => readSource(io, file)));
  const problems = read.flatMap((result) => ('problem' in result ? [result.problem] : []));
  if (problems.length > 0) {
    io.stderr.write(`${problems.join('\n')}\n`);
    return EXIT.usage;
  }
  const sources = read as readonly PolicySource[];
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
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
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
