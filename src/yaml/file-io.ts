import { open, readdir, stat } from 'node:fs/promises';

/** File access; tests inject failures that cannot be provoked as root. */
export interface FileIo {
  /**
   * The first `limit` bytes of a file, or all of a shorter file.
   * @throws a Node file system error with its `code`
   */
  read(path: string, limit: number): Promise<Uint8Array>;
  /**
   * The names in a directory.
   * @throws a Node file system error with its `code`
   */
  list(path: string): Promise<readonly string[]>;
}

export const nodeIo: FileIo = {
  async read(path, limit) {
    const file = await open(path, 'r');
    try {
      const chunks: Buffer[] = [];
      let total = 0;
      while (total < limit) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(64 * 1024, limit - total)));
        if (bytesRead === 0) break;
        chunks.push(buffer.subarray(0, bytesRead));
        total += bytesRead;
      }
      return Buffer.concat(chunks, total);
    } finally {
      await file.close();
    }
  },
  list: (path) => readdir(path),
};

/** The device number of /dev/null, commonly passed as an empty config. */
const NULL_DEVICE = 0x103;

/** A pipe or device: allowed for one-shot commands such as `ballast check <(…)`, but not for files that are reloaded. */
class OnceOnlyError extends Error {
  readonly code = 'ONCE_ONLY';

  constructor() {
    super('it is a pipe or a device, which cannot be read again; expected a regular file');
    this.name = 'OnceOnlyError';
  }
}

/** For files that are reloaded. Refuses pipes, because opening a pipe without a writer blocks. */
export const rereadableIo: FileIo = {
  ...nodeIo,
  async read(path, limit) {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory() && found.rdev !== NULL_DEVICE) throw new OnceOnlyError();
    return nodeIo.read(path, limit);
  },
};
