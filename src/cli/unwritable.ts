const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write it, or not make files beside it',
  EPERM: 'this user may not write it, or not make files beside it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  ENOENT: 'it, or the directory for it, is not there',
  EISDIR: 'it is a directory',
};

/** Why a file could not be written; null when the error is none of a file system. */
export function unwritable(error: unknown): string | null {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? null : (REASONS[code] ?? message);
}
