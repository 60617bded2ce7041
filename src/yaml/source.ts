import { open, readdir } from 'node:fs/promises';
import { unreadable } from '../model/file-errors.ts';

/** How the loader reaches files; tests put failures here that a test run as root cannot provoke. */
export interface ConfigIo {
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

export const nodeConfigIo: ConfigIo = {
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

/** A config file with thousands of guest patterns has a few hundred KiB. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** The text of a config file, or the one reason why there is none. */
export type SourceText = { readonly text: string } | { readonly problem: string };

export async function readSource(path: string, io: ConfigIo): Promise<SourceText> {
  let bytes: Uint8Array;
  try {
    bytes = await io.read(path, MAX_CONFIG_BYTES + 1);
  } catch (error) {
    return { problem: fileProblem(error) };
  }
  if (bytes.length > MAX_CONFIG_BYTES) {
    return { problem: 'is larger than 1 MiB, which no config file is; is it the right file?' };
  }
  return decode(bytes);
}

function decode(bytes: Uint8Array): SourceText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { problem: 'is UTF-16 text; save it as UTF-8' };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { problem: `is a binary file (byte ${nul + 1} is zero); a config file is YAML in UTF-8` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not UTF-8 text; a config file is YAML in UTF-8' };
  }
}

/** What a file system error means to the reader of a message; anything that is not one is a bug and is thrown on. */
export function fileProblem(error: unknown): string {
  const why = unreadable(error);
  if (why === null) throw error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file or directory';
    case 'EISDIR':
      return 'is a directory; give the file itself';
    case 'ENOTDIR':
      return 'is not a directory, or its path leads through a file';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied; check its mode, its owner and the user that Ballast runs as';
    default:
      return `cannot be read: ${why}`;
  }
}
