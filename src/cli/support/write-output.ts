import { stat, writeFile } from 'node:fs/promises';
import { replaceFile } from '../../support/replace-file.ts';

const NEW_MODE = 0o644;

/**
 * Writes a command's output to a path given by the user. Regular files are replaced atomically, so that a full disk leaves no empty
 * file; others (/dev/stdout, a pipe) are written directly.
 * @throws a Node file system error with its `code`
 */
export async function writeOutput(path: string, text: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing === null || existing.isFile()) await replaceFile(path, text, NEW_MODE);
  else await writeFile(path, text);
}
