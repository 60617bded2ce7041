import type { PolicySource } from '../policy/index.ts';
import type { Io } from './io.ts';

/** Reads a file that the user named, or says why it cannot be read. */
export async function readSource(io: Io, file: string): Promise<PolicySource | { readonly problem: string }> {
  try {
    return { file, text: await io.readFile(file) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { problem: `${file} cannot be read: ${REASONS[code] ?? message}` };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};
