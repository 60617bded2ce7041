/** Why a file that the operator named cannot be read, in words; null for what is no failure of the file system, but a bug. */
export function unreadable(error: unknown): string | null {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? null : (REASONS[code] ?? message);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};
