import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Fills the small file system that a directory is on until nothing more fits.
 * @returns makes space again
 */
export async function fillDisk(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'filler');
  const filler = await open(path, 'w');
  const block = Buffer.alloc(65_536, 1);
  for (let hasSpace = true; hasSpace;)
    hasSpace = await filler.write(block).then(
      ({ bytesWritten }) => bytesWritten === block.length,
      () => false,
    );
  await filler.close();
  return () => rm(path);
}
