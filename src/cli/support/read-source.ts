import { unreadable } from '../../model/file-errors.ts';
import type { PolicySource } from '../../policy/index.ts';
import type { Io } from './io.ts';

/** Reads a file that the user named, or says why it cannot be read. */
export async function readSource(io: Io, file: string): Promise<PolicySource | { readonly problem: string }> {
  try {
    return { file, text: await io.readFile(file) };
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    return { problem: `${file} cannot be read: ${why}` };
  }
}
