import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { buffer } from 'node:stream/consumers';
import { formatPolicy } from '../../tooling/format/index.ts';
import { renderDiagnostics } from '../../policy/index.ts';
import { decodePolicy, type ReadPolicy } from '../../policy-files/decode.ts';
import { policyPaths } from '../../policy-files/find.ts';
import { readPolicies, type ReadPolicies } from '../../policy-files/read.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { replaceFile } from '../../support/replace-file.ts';
import { unwritable } from '../../model/file-errors.ts';

export interface FmtOptions {
  /** Files and directories; `-` alone is standard input. */
  readonly paths: readonly string[];
  /** Write nothing; exit code 1 when a file is not formatted. */
  readonly check: boolean;
  /** Write nothing; print the changes as a diff. */
  readonly diff: boolean;
}

/** `ballast fmt`: formats policies in place. Files with errors are left unchanged. */
export async function formatPolicies(
  options: FmtOptions,
  io: Io,
  replace: typeof replaceFile = replaceFile,
): Promise<number> {
  const { paths, check, diff } = options;
  const fromInput = paths.includes('-');
  if (fromInput && paths.length > 1) throw new OperatorError('- (standard input) cannot be combined with other paths');
  const { sources, problems } = fromInput ? await readInput(io) : await readNamed(paths);
  // Format the readable files even if others cannot be read.
  for (const problem of problems) io.stderr.write(`${problem}\n`);
  let code: number = problems.length > 0 ? EXIT.usage : EXIT.ok;
  for (const source of sources) {
    const result = formatPolicy(source);
    if ('diagnostics' in result) {
      io.stderr.write(renderDiagnostics(result.diagnostics, [source], { color: io.stderr.isTTY === true }));
      code = Math.max(code, EXIT.problems);
      continue;
    }
    const { text } = result;
    // Formatting removes a byte order mark.
    const changed = text !== source.text || source.byteOrderMark;
    if (changed && check) code = Math.max(code, EXIT.problems);
    if (diff) {
      if (changed) io.stdout.write(unifiedDiff(source, text, io.stdout.isTTY === true));
    } else if (fromInput && !check) {
      io.stdout.write(text);
    } else if (changed) {
      const problem = check ? null : await tryReplace(replace, source.file, text);
      if (problem === null) {
        io.stdout.write(`${source.file}\n`);
      } else {
        io.stderr.write(`${problem}\n`);
        code = EXIT.usage;
      }
    }
  }
  return code;
}

async function readInput(io: Io): Promise<ReadPolicies> {
  return { sources: [decodePolicy('standard input', await buffer(io.stdin))], problems: [] };
}

async function readNamed(paths: readonly string[]): Promise<ReadPolicies> {
  const named = await policyPaths(paths);
  const { sources, problems } = await readPolicies(named.files);
  return { sources, problems: [...named.problems, ...problems] };
}

/** Returns an error message, or null on success. */
async function tryReplace(replace: typeof replaceFile, file: string, text: string): Promise<string | null> {
  try {
    await replace(file, text);
    return null;
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    return `${file} cannot be written and was not changed: ${why}`;
  }
}

function unifiedDiff({ file, text, byteOrderMark }: ReadPolicy, formatted: string, color: boolean): string {
  const patch = createTwoFilesPatch(file, file, `${byteOrderMark ? '\ufeff' : ''}${text}`, formatted, '', 'formatted', {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (!color) return patch;
  const paint = (line: string): string => {
    if (line.startsWith('@')) return `\u001b[36m${line}\u001b[0m`;
    return /^[-+]/.test(line) ? `\u001b[${line.startsWith('-') ? 31 : 32}m${line}\u001b[0m` : line;
  };
  return patch.split('\n').map(paint).join('\n');
}
