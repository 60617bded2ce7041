import { open, readdir, stat } from 'node:fs/promises';

/** How files are reached; tests put failures here that a test run as root cannot provoke. */
export interface FileIo {
  /**
   * The first `limit` bytes of a file, less when it is shorter.
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

/** The null device, which many give for an empty config. */
const NULL_DEVICE = 0x103;

/** What can be read once only: `ballast check <(…)` is right to be given one, a daemon that reads its files anew is not. */
class OnceOnlyError extends Error {
  readonly code = 'ONCE_ONLY';

  constructor() {
    super('it is a pipe or a device, which can be read only once; what a daemon reads anew is an ordinary file');
    this.name = 'OnceOnlyError';
  }
}

/** Files that are read anew. A pipe that nobody writes to is refused, where opening it would never come back. */
export const rereadableIo: FileIo = {
  ...nodeIo,
  async read(path, limit) {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory() && found.rdev !== NULL_DEVICE) throw new OnceOnlyError();
    return nodeIo.read(path, limit);
  },
};
