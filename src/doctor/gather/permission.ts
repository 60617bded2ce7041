import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { ksmPath } from '../../host/ksm.ts';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
};

/**
 * Why this user may not write KSM's settings; null: it may, or there is no KSM. Nothing is written.
 * @param root the root of the kernel's files
 */
export async function ksmRefusal(root: string): Promise<string | null> {
  const path = join(root, ksmPath('run'));
  try {
    await access(path, constants.W_OK);
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : `${path}: ${WORDS[code] ?? code}`;
  }
}
