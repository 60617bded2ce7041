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
export function replaceFile(path: string, text: string, newMode: number | null = null): Promise<void> {
  return replaceContent(path, text, newMode);
}

/** {@link replaceFile} for any content. */
export async function replaceContent(path: string, content: string | Buffer, newMode: number | null): Promise<void> {
  const { target, mode, owner } = await targetOf(path, newMode);
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

async function targetOf(path: string, newMode: number | null) {
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
