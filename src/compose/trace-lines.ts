import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import { unreadable } from '../model/file-errors.ts';
import { NoDemandError } from '../simulation/import/fitted.ts';
import { traceError } from '../simulation/import/trace/row.ts';
import { readLimited } from '../support/read-limited.ts';

/** Longest accepted line, characters. */
const LONGEST_LINE = 64 * 1024;

/** Bytes of one file at most, decompressed. */
const MOST_BYTES = 4 * 1024 ** 3;

/**
 * Reads a text file line by line, plain or gzip as its first bytes say. A last line without a line end may be cut off: it is left out.
 * @param onLine not called for empty lines
 * @throws NoDemandError when the file cannot be read, or is no text
 */
export async function readTraceLines(
  path: string,
  onLine: (text: string, number: number) => void,
  warn: (message: string) => void,
): Promise<void> {
  let [number, bytes, rest] = [0, 0, ''];
  const decoder = new TextDecoder('utf-8');
  const take = (text: string): void => {
    number += 1;
    if (text.length > LONGEST_LINE)
      throw traceError({ file: path, line: number }, 1, `this line has more than ${LONGEST_LINE} characters`);
    const nul = text.indexOf('\0');
    if (nul >= 0)
      throw traceError({ file: path, line: number }, nul + 1, 'this is a binary file; a trace is text in UTF-8');
    if (text.trim() !== '') onLine(text, number);
  };
  try {
    for await (const chunk of await chunksOf(path)) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES)
        throw new NoDemandError(`${path}: larger than 4 GiB; take a part of it into a file of its own`);
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      for (const line of lines) take(line);
      if (rest.length > LONGEST_LINE) take(rest);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('Z_')) throw new NoDemandError(`${path}: the compressed file is damaged`, { cause: error });
    else {
      const why = unreadable(error);
      if (why === null) throw error;
      throw new NoDemandError(`${path}: ${why}`, { cause: error });
    }
  }
  if (rest.trim() !== '') warn(`${path}:${number + 1}: the last line has no end and may be cut off; it is left out`);
}

/** The first line that is not empty, or what of it is in the first bytes. Unreadable: empty. */
export async function firstLine(path: string): Promise<string> {
  try {
    for await (const chunk of await chunksOf(path)) {
      const text = new TextDecoder('utf-8').decode(chunk.subarray(0, LONGEST_LINE));
      return text.split('\n', 100).find((line) => line.trim() !== '') ?? '';
    }
  } catch {
    // Whoever reads the file says why it cannot be read.
  }
  return '';
}

async function chunksOf(path: string): Promise<AsyncIterable<Buffer>> {
  const found = await stat(path);
  if (found.isDirectory()) throw new NoDemandError(`${path}: this is a directory; a trace is a file`);
  // Refuses pipes and devices.
  const start = await readLimited(path, 2, false);
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (start[0] !== 0x1f || start[1] !== 0x8b) return file as AsyncIterable<Buffer>;
  // The default flush mode fails on a file that is cut off, and discards its last valid data.
  const unzip = createGunzip({ chunkSize: 256 * 1024, finishFlush: constants.Z_SYNC_FLUSH });
  file.on('error', (error) => unzip.destroy(error));
  unzip.on('close', () => file.destroy());
  return file.pipe(unzip) as AsyncIterable<Buffer>;
}
