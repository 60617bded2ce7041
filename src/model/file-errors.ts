/** Reasons common to reading and writing, phrased to follow "cannot be read: ". */
const COMMON: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory',
  ENOTDIR: 'its path leads through a file',
  ELOOP: 'its links lead round in a circle',
  ENAMETOOLONG: 'its name is longer than the file system allows',
  ERR_INVALID_ARG_VALUE: 'its name has a zero character in it',
  EIO: 'the disk reports an error; the log of the kernel says more',
  ENXIO: 'it is a socket, a pipe that nobody reads, or a device that is not there',
  ENODEV: 'it is a device that is not there',
  EBUSY: 'it is in use',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  ESTALE: 'it is no longer what it was on its network file system',
  ETIMEDOUT: 'its network file system does not answer',
};

const READING: Readonly<Record<string, string>> = {
  ...COMMON,
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ESPIPE: 'it is a pipe, where an ordinary file is needed',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

const WRITING: Readonly<Record<string, string>> = {
  ...COMMON,
  ENOENT: 'it, or the directory for it, is not there',
  EEXIST: 'something else of this name is there',
  EACCES: 'this user may not write it, or not make files beside it',
  EPERM: 'this user may not write it, or not make files beside it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'it would be larger than this user, or the file system, may have a file',
  ETXTBSY: 'it is a program that runs',
};

/** Why a file cannot be read, in words; null when the error does not come from the file system and is a bug. */
export function unreadable(error: unknown): string | null {
  return reason(READING, error);
}

/** Why a file cannot be written; null as for {@link unreadable}. */
export function unwritable(error: unknown): string | null {
  return reason(WRITING, error);
}

function reason(reasons: Readonly<Record<string, string>>, error: unknown): string | null {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? null : (reasons[code] ?? message);
}
