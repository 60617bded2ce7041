import { unreadable } from '../../model/file-errors.ts';
import { OperatorError } from '../../support/operator-error.ts';
import type { Io } from './io.ts';

/**
 * Reads a file given by the user, other than a policy.
 * @throws OperatorError
 */
export async function readText(io: Io, file: string): Promise<string> {
  try {
    return await io.readFile(file);
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    throw new OperatorError(`${file} cannot be read: ${why}`, { cause: error });
  }
}
