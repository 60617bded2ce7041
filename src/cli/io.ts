import type { Readable, Writable } from 'node:stream';

/** The streams and files of a command. `main` gives it the process's; tests give it their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** The text of a file, UTF-8. @throws an errno error */
  readFile(path: string): Promise<string>;
}
