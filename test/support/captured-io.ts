import { readFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import type { Io } from '../../src/cli/support/io.ts';

/** A stream that stores its output, and optionally claims to be a terminal. */
export class Captured extends Writable {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Standard streams and files for a command that runs inside a test: no input, captured output, real files. */
export function capturedIo(): Io & { readonly stdout: Captured; readonly stderr: Captured } {
  return {
    stdin: Readable.from([]),
    stdout: new Captured(),
    stderr: new Captured(),
    readFile: (path) => readFile(path, 'utf8'),
  };
}
