import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/**
 * Warnings about files that decide what the daemon does and that someone other than root and its user may change. Files that cannot
 * be looked at are reported where they are read.
 * @param uid of this process
 */
export async function writableByOthers(files: readonly string[], uid: number): Promise<readonly string[]> {
  const warnings: string[] = [];
  const folders = new Set<string>();
  for (const file of files) {
    const why = await reason(file, uid, WORLD_WRITABLE);
    if (why !== null) warnings.push(`${file}: warning: ${why} can change what Ballast does; see chmod and chown`);
    folders.add(dirname(file));
  }
  for (const folder of folders) {
    const why = await reason(folder, uid, WORLD_WRITABLE | STICKY);
    if (why !== null)
      warnings.push(`${folder}: warning: ${why} can replace files that Ballast reads; see chmod and chown`);
  }
  return warnings;
}

/** Who may write a file, or add to a directory; null when only root and `uid` may. */
async function reason(path: string, uid: number, bits: number): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  // Descriptors and devices have modes of their own.
  if (found === null || (!found.isFile() && !found.isDirectory())) return null;
  // In a sticky directory, others cannot replace what is not theirs.
  if ((found.mode & bits) === WORLD_WRITABLE) return 'every user';
  return found.uid === 0 || found.uid === uid ? null : `its owner, the user ${found.uid},`;
}
