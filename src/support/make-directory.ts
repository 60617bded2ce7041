import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Creates a directory and the one above it, unless they are there. A failure shows when the directory is used. */
export async function makeDirectory(path: string): Promise<void> {
  // Not recursive: below /proc that never returns in Node.
  for (const folder of [dirname(path), path]) await mkdir(folder, { mode: 0o755 }).catch(() => undefined);
}
