import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const WORLD_WRITABLE = 0o002;
const GROUP_WRITABLE = 0o020;
const STICKY = 0o1000;

/**
 * Warnings about files that decide what the daemon does and that someone other than root, its user and its group may change. Files that cannot
 * be looked at are reported where they are read.
 * @param own the user and the group of this process
 */
export async function writableByOthers(files: readonly string[], own: Owner): Promise<readonly string[]> {
  const warnings: string[] = [];
  const folders = new Set<string>();
  for (const file of files) {
    const why = await reason(file, own, 0);
    if (why !== null) warnings.push(`${file}: warning: ${why} can change what Ballast does; see chmod and chown`);
    folders.add(dirname(file));
  }
  for (const folder of folders) {
    const why = await reason(folder, own, STICKY);
    if (why !== null)
      warnings.push(`${folder}: warning: ${why} can replace files that Ballast reads; see chmod and chown`);
  }
  return warnings;
}

/** A user and a group, by number. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who may write a file, or add to a directory; null when only root and the process may.
 * @param harmless a bit that takes the effect of being writable
 */
async function reason(path: string, { uid, gid }: Owner, harmless: number): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  // Descriptors and devices have modes of their own.
  if (found === null || (!found.isFile() && !found.isDirectory())) return null;
  // In a sticky directory, others cannot replace what is not theirs.
  if ((found.mode & harmless) === 0) {
    if ((found.mode & WORLD_WRITABLE) !== 0) return 'every user';
    if ((found.mode & GROUP_WRITABLE) !== 0 && found.gid !== 0 && found.gid !== gid)
      return `its group, the group ${found.gid},`;
  }
  return found.uid === 0 || found.uid === uid ? null : `its owner, the user ${found.uid},`;
}
