import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { onceEach } from '../../policy-files/find.ts';
import { unreadable } from '../../model/file-errors.ts';
import { OperatorError } from '../../support/operator-error.ts';

/** A test file, or a file that it refers to, is missing or invalid. */
export class TestFileError extends OperatorError {}

/** The test files given as arguments, without duplicates. For a directory: the test files in it. @throws TestFileError */
export async function testFilesIn(paths: readonly string[]): Promise<readonly string[]> {
  const found = (await Promise.all(paths.map(filesAt))).flat();
  return onceEach(found);
}

async function filesAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const found = (await readdir(path)).filter((name) => /\.test\.ya?ml$/.test(name)).sort();
    if (found.length === 0) throw new TestFileError(`${path} has no *.test.yaml file`);
    return found.map((name) => join(path, name));
  } catch (error) {
    const why = error instanceof TestFileError ? null : unreadable(error);
    if (why === null) throw error;
    throw new TestFileError(`${path} cannot be read: ${why}`);
  }
}
