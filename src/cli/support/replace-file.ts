import { randomBytes } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces the text of a file as a whole: whoever reads it meanwhile, and whatever happens, finds the old text or the new.
 * Mode and, where this user may, owner are kept; of a link the file behind it is replaced.
 * @param newMode of a file that is not there yet; null: it has to be there
 * @throws a Node file system error with its `code`; the file is then as it was
 */
export async function replaceFile(path: string, text: string, newMode: number | null = null): Promise<void> {
  const { target, mode, owner } = await standing(path, newMode);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', mode);
  try {
    try {
      await file.writeFile(text);
      const made = await file.stat();
      if (owner !== null && (made.uid !== owner.uid || made.gid !== owner.gid))
        await file.chown(owner.uid, owner.gid).catch(ignoreForbidden);
      // Not at its making, where the user's mask would take from it.
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

async function standing(path: string, newMode: number | null) {
  try {
    const target = await realpath(path);
    // A rename needs the directory's permission only: a file that is write-protected is meant to stay.
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
