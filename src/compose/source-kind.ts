import { unreadable } from '../model/file-errors.ts';
import { isDescriptor, readLimited } from '../support/read-limited.ts';

/** What a file is, by its content. */
export type SourceKind = 'scenario' | 'recording';

/** Bytes that are looked at. */
const BEGINNING = 4096;

/** A file that cannot be read counts as a scenario, whose reader says why. */
export async function sourceKind(path: string): Promise<SourceKind> {
  // What is read from a pipe is gone: only a scenario is read at once.
  if (isDescriptor(path)) return 'scenario';
  const bytes = await beginning(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isGzip) return 'recording';
  return bytes.toString('latin1').trimStart().startsWith('{"ballast_recording"') ? 'recording' : 'scenario';
}

async function beginning(path: string): Promise<Buffer> {
  try {
    return await readLimited(path, BEGINNING, false);
  } catch (error) {
    if (unreadable(error) === null) throw error;
    return Buffer.alloc(0);
  }
}
