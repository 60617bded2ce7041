import { randomBytes } from 'node:crypto';
import { access, constants, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from './sync-directory.ts';

/**
 * Replaces the content of a file atomically: readers see either the old or the new text, even after a crash.
 * Keeps the mode and, if permitted, the owner. For a symbolic link, replaces its target.
 * @param newMode the mode if the file does not exist yet; null: the file must exist
 * @throws a Node file system error with its `code`; the file is then unchanged
 */
export async function replaceFile(path: string, text: string, newMode: number | null = null): Promise<void> {
  await replaceTarget(await targetOf(path, newMode), text);
}

/**
 * The same for a file that only this user may have written and may read: what somebody else has put in its place is neither
 * followed nor does it lend its owner and mode.
 * @throws a Node file system error with its `code`
 */
export function replaceOwnFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  return replaceTarget({ target: path, mode, owner: null }, content);
}

interface Target {
  readonly target: string;
  readonly mode: number;
  /** null: this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

async function replaceTarget({ target, mode, owner }: Target, content: string | Buffer): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', mode);
  try {
    try {
      await file.writeFile(content);
      const created = await file.stat();
      if (owner !== null && (created.uid !== owner.uid || created.gid !== owner.gid))
        await file.chown(owner.uid, owner.gid).catch(ignoreForbidden);
      // Not with open(), where the umask would clear bits.
      await file.chmod(mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await removeLeftOvers(target);
}

/** A temporary file that is older than this belongs to no running command, milliseconds. */
const LEFT_OVER_MS = 3_600_000;

/** Removes what a command left that was killed. Others that replace the file now keep theirs. */
async function removeLeftOvers(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length))) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile() === true && Date.now() - found.mtimeMs > LEFT_OVER_MS)
      await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

async function targetOf(path: string, newMode: number | null): Promise<Target> {
  try {
    const target = await realpath(path);
    // A rename needs only permission for the directory; respect a write-protected file.
    await access(target, constants.W_OK);
    const { mode, uid, gid } = await stat(target);
    return { target, mode, owner: { uid, gid } };
  } catch (error) {
    if (newMode === null || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { target: path, mode: newMode, owner: null };
  }
}

function ignoreForbidden(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPERM') throw error;
}
