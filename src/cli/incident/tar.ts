import { gzip } from 'node:zlib';
import { promisify } from 'node:util';

const compress = promisify(gzip);

export interface TarEntry {
  /** At most 100 printable ASCII characters, relative. */
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;

/**
 * A compressed ustar archive of ordinary files, for everybody's `tar`. Written here: our names are short and plain, so that the format is
 * one block of text before each file; a library would bring reading, links and owners along.
 * @param modifiedMs of all files, milliseconds since the epoch
 */
export function tarGz(entries: readonly TarEntry[], modifiedMs: number): Promise<Buffer> {
  const blocks = entries.flatMap(({ name, content }) => [
    headerOf(name, content.length, modifiedMs),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return compress(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

/** Offsets of POSIX.1-1988 ustar. */
function headerOf(name: string, size: number, modifiedMs: number): Buffer {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new Error(`${JSON.stringify(name)} cannot be the name of a file`);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 'latin1');
  // Guests' names and policies are not for everybody.
  header.write(octal(0o600, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(Math.max(0, Math.floor(modifiedMs / 1000)), 12), 136);
  // The checksum counts its own field as spaces.
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257, 'latin1');
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
    'latin1',
  );
  return header;
}

/** Digits and a NUL, as wide as the field. */
function octal(number: number, field: number): string {
  return `${number.toString(8).padStart(field - 1, '0')}\u0000`;
}
