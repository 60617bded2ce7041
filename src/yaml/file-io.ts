import { readdir } from 'node:fs/promises';
import { readLimited } from '../support/read-limited.ts';

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

/** For one-shot commands: accepts descriptors of the process, such as `ballast check -c <(…)`. */
export const nodeIo: FileIo = {
  read: (path, limit) => readLimited(path, limit, true),
  list: (path) => readdir(path),
};

/** For files that are reloaded: a descriptor cannot be read again. */
export const rereadableIo: FileIo = {
  ...nodeIo,
  read: (path, limit) => readLimited(path, limit, false),
};
