/**
 * The kernel's files, under a root that tests can change. Paths are absolute as on a real host (`/proc/meminfo`).
 * Missing files (ENOENT) return null; any other failure throws {@link HostFileError}.
 */
export interface Host {
  readText(path: string): Promise<string | null>;
  /** Entry names of a directory; null when it does not exist. */
  list(path: string): Promise<readonly string[] | null>;
  /** Writes the text with a single write(2), as sysfs requires. */
  writeText(path: string, text: string): Promise<void>;
}

/** A kernel file that exists but cannot be read or written. */
export class HostFileError extends Error {
  readonly path: string;
  /** The name of the errno: EACCES, EROFS, EINVAL, EBUSY … */
  readonly code: string;

  constructor(path: string, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostFileError';
    this.path = path;
    this.code = code;
  }
}
