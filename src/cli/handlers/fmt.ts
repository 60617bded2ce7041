import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { buffer } from 'node:stream/consumers';
import { formatPolicy } from '../../tooling/format/index.ts';
import { renderDiagnostics, type PolicySource } from '../../policy/index.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { decodeUtf8, readPolicies } from '../support/policy-arguments.ts';
import { replaceFile } from '../support/replace-file.ts';
import { unwritable } from '../../model/file-errors.ts';

export interface FmtOptions {
  /** Files and directories; `-` alone is standard input. */
  readonly paths: readonly string[];
  /** Write nothing; exit code 1 when a file is not formatted. */
  readonly check: boolean;
  /** Write nothing; show what would change. */
  readonly diff: boolean;
}

/** `ballast fmt`: gives policies their one layout, in place. Files with errors stay as they are. */
export async function fmtCommand(
  options: FmtOptions,
  io: Io,
  replace: typeof replaceFile = replaceFile,
): Promise<number> {
  const { paths, check, diff } = options;
  const fromInput = paths.includes('-');
  if (fromInput && paths.length > 1) {
    io.stderr.write('- is standard input: it stands alone\n');
    return EXIT.usage;
  }
  const { sources, problems } = fromInput ? await readInput(io) : await readPolicies(paths);
  // One file that cannot be read is no reason to leave the others as they are.
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
    const changed = text !== source.text;
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

async function readInput(io: Io): Promise<Awaited<ReturnType<typeof readPolicies>>> {
  const file = 'standard input';
  const text = decodeUtf8(await buffer(io.stdin));
  return text === null
    ? { sources: [], problems: [`${file} is not UTF-8`] }
    : { sources: [{ file, text }], problems: [] };
}

/** What the system can say against it; null when it is done. */
async function tryReplace(replace: typeof replaceFile, file: string, text: string): Promise<string | null> {
  try {
    await replace(file, text);
    return null;
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    return `${file} cannot be written, and is as it was: ${why}`;
  }
}

function unifiedDiff({ file, text }: PolicySource, formatted: string, color: boolean): string {
  const patch = createTwoFilesPatch(file, file, text, formatted, '', 'formatted', {
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
