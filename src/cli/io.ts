import type { Readable } from 'node:stream';

/** The world as a command sees it: tests pass their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  /** Rejects with a Node system error (`code` ENOENT, EISDIR, …). */
  readFile(path: string): Promise<Uint8Array>;
}
