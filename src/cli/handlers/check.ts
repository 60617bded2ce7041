import type { Vocabulary } from '../../model/vocabulary.ts';
import { loadPolicy, renderDiagnostics, type Diagnostic, type PolicySource } from '../../policy/index.ts';
import { policyPaths } from '../../policy-files/find.ts';
import { readAllPolicies } from '../../policy-files/read.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';

/** The result of a check. */
export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly PolicySource[];
}

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
  return report({ diagnostics, sources }, count(sources.length, 'file'), options.json, io);
}

/** Prints diagnostics, and problems and warnings as lines. Returns the exit code. */
export function report(
  { diagnostics, sources }: Checked,
  what: string,
  json: boolean,
  io: Io,
  problems: readonly string[] = [],
  warnings: readonly string[] = [],
): number {
  const inPolicies = diagnostics.filter(({ severity }) => severity === 'error').length;
  const errors = inPolicies + problems.length;
  if (json) {
    const others = [
      ...problems.map((message) => ({ ...NO_PLACE, severity: 'error', code: 'config', message, hint: null })),
      ...warnings.map((message) => ({ ...NO_PLACE, severity: 'warning', code: 'config', message, hint: null })),
    ];
    io.stdout.write(`${escapeJson(JSON.stringify([...diagnostics.map(asJson), ...others], null, 2))}\n`);
  } else {
    io.stdout.write(renderDiagnostics(diagnostics, sources, { color: io.stdout.isTTY === true }));
    for (const line of [...problems, ...warnings.map((warning) => `warning: ${warning}`)])
      io.stdout.write(`${escapeControls(line)}\n`);
    const found = [
      ...(errors > 0 ? [count(errors, 'error')] : []),
      ...(diagnostics.length - inPolicies + warnings.length > 0
        ? [count(diagnostics.length - inPolicies + warnings.length, 'warning')]
        : []),
    ];
    io.stdout.write(`${what}: ${found.length > 0 ? found.join(', ') : 'no mistakes found'}\n`);
  }
  return errors > 0 ? EXIT.problems : EXIT.ok;
}

export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

const NO_PLACE = { file: null, line: null, column: null, endLine: null, endColumn: null };

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
