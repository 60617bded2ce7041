import type { Plugins } from '../../plugin/plugins.ts';
import { MESSAGE_CODES, messagePage } from '../../tooling/reference/message-page.ts';
import { referencePage } from '../../tooling/reference/page.ts';
import { suggest } from '../../support/suggest.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readText } from '../support/read-text.ts';
import { writeOutput } from '../support/write-output.ts';
import { unwritable } from '../../model/file-errors.ts';
import { OperatorError } from '../../support/operator-error.ts';

export interface DocsOptions {
  /** The code of a message, for its page; null: the reference. */
  readonly code: string | null;
  /** The output file; null: standard output. */
  readonly output: string | null;
  /** A file to compare with the current page; null: write the page. */
  readonly check: string | null;
}

/**
 * `ballast docs`: writes the language reference or the page of a message, or checks whether an existing one is up to date.
 * @throws OperatorError
 */
export async function writeReference({ code, output, check }: DocsOptions, io: Io, plugins: Plugins): Promise<number> {
  if (output !== null && check !== null) throw new OperatorError('docs accepts only one of -o FILE and --check FILE');
  const page = code === null ? referencePage(plugins) : pageOf(code, plugins);
  if (check !== null) return compare({ file: check, code }, page, io);
  if (output === null) {
    io.stdout.write(page);
    return EXIT.ok;
  }
  try {
    await writeOutput(output, page);
    return EXIT.ok;
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    throw new OperatorError(`${output} cannot be written: ${why}`, { cause: error });
  }
}

function pageOf(given: string, { vocabulary }: Plugins): string {
  const code = MESSAGE_CODES.find((each) => each === given);
  if (code !== undefined) return messagePage(code, vocabulary);
  const near = suggest(given, MESSAGE_CODES);
  throw new OperatorError(
    `there is no message ${JSON.stringify(given)}; ${near === null ? 'a warning has its code in brackets, and "ballast check --json" shows all codes' : `did you mean ${JSON.stringify(near)}?`}`,
  );
}

/** A zero byte, or the replacement character for invalid UTF-8. */
const NOT_TEXT = /[\0\ufffd]/;

async function compare(
  { file, code }: { readonly file: string; readonly code: string | null },
  page: string,
  io: Io,
): Promise<number> {
  const written = await readText(io, file);
  if (written === page) return EXIT.ok;
  if (NOT_TEXT.test(written))
    throw new OperatorError(`${file} is not UTF-8 text, so it is not a page written by "ballast docs"`);
  io.stderr.write(
    `${file}:${firstDifference(written, page)}: differs from the current ${code === null ? 'reference' : 'page'}; run "ballast docs ${code === null ? '' : `${code} `}-o ${file}"\n`,
  );
  return EXIT.problems;
}

/** The number of the first line that differs, from 1. */
function firstDifference(a: string, b: string): number {
  const [left, right] = [a.split('\n'), b.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  return (at === -1 ? left.length : at) + 1;
}
