/**
 * The kernel's files under a root that tests can move. All paths are absolute as on a real host (`/proc/meminfo`).
 * Absent (ENOENT) is null; any other failure is a {@link HostFileError}.
 */
export interface Host {
  readText(path: string): Promise<string | null>;
  /** Entry names of a directory; null when it does not exist. */
  list(path: string): Promise<readonly string[] | null>;
  /** Writes the whole text with one write(2), as sysfs wants. */
  writeText(path: string, text: string): Promise<void>;
}

/** A file of the kernel that is there but cannot be read or written. */
export class HostFileError extends Error {
  readonly path: string;
  /** The errno by name: EACCES, EROFS, EINVAL, EBUSY … */
  readonly code: string;

  constructor(path: string, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostFileError';
    this.path = path;
    this.code = code;
  }
}
