import { randomBytes } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces the content of a file atomically: readers see either the old or the new text, even after a crash.
 * Keeps the mode and, if permitted, the owner. For a symbolic link, replaces its target.
 * @param newMode the mode if the file does not exist yet; null: the file must exist
 * @throws a Node file system error with its `code`; the file is then unchanged
 */
export async function replaceFile(path: string, text: string, newMode: number | null = null): Promise<void> {
  const { target, mode, owner } = await targetOf(path, newMode);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', mode);
  try {
    try {
      await file.writeFile(text);
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
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
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
