import { stat, writeFile } from 'node:fs/promises';
import { replaceFile } from './replace-file.ts';

const NEW_MODE = 0o644;

/**
 * Writes what a command made to where the user wants it: a file as a whole, so that none is left empty on a full disk; what is no
 * file (/dev/stdout, a pipe) as it is.
 * @throws a Node file system error with its `code`
 */
export async function writeOutput(path: string, text: string): Promise<void> {
  const standing = await stat(path).catch(() => null);
  if (standing === null || standing.isFile()) await replaceFile(path, text, NEW_MODE);
  else await writeFile(path, text);
}
