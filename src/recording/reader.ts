import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import { unreadable } from '../model/file-errors.ts';
import {
  decodeInterval,
  headerSchema,
  RECORDING_VERSION,
  type RecordedInterval,
  type RecordingHeader,
} from './format.ts';

/** A recording that cannot be read (any further). The message names the file and, where it can, the line. */
export class RecordingError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordingError';
  }
}

/** One of which not even the first line can be read: it is not there, or no recording. */
export class NoRecordingError extends RecordingError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoRecordingError';
  }
}

export interface ReadOptions {
  /** Told when the recording ends before its end: what follows the last whole line is left out. */
  readonly onCutOff: (message: string) => void;
  /** Bytes of the file that were read so far, for a progress display. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Recording {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly intervals: AsyncGenerator<RecordedInterval, void>;
}

/** Longest line that is accepted, bytes: 100,000 guests fit. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * Opens a recording, plain or gzip by its first bytes, and reads its header. The intervals are streamed.
 * @throws NoRecordingError here for the header; RecordingError from the generator for what follows
 */
export async function openRecording(path: string, options: ReadOptions): Promise<Recording> {
  const lines = wholeLines(path, options);
  try {
    const first = await lines.next();
    if (first.done === true)
      throw new NoRecordingError(`${path}: the recording is empty or its first line is incomplete`);
    const header = parseHeader(path, first.value);
    return { path, header, intervals: intervals(path, header, lines, options) };
  } catch (error) {
    await lines.return();
    throw error instanceof RecordingError ? new NoRecordingError(error.message, { cause: error }) : error;
  }
}

function parseHeader(path: string, text: string): RecordingHeader {
  const say = (what: string) => new RecordingError(`${path}:1: ${what}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw say('this is not a recording: the first line should be a JSON object with "ballast_recording"');
  }
  const version = (value as { ballast_recording?: unknown } | null)?.ballast_recording;
  if (version === undefined) throw say('this is not a recording: "ballast_recording" is missing from the first line');
  if (version !== RECORDING_VERSION) {
    throw say(`the recording has version ${JSON.stringify(version)}; this program reads version ${RECORDING_VERSION}`);
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw say(`"${issue.path.join('.')}" in the first line is invalid: ${issue.message}`);
}

async function* intervals(
  path: string,
  header: RecordingHeader,
  lines: AsyncGenerator<string, void>,
  options: ReadOptions,
): AsyncGenerator<RecordedInterval, void> {
  let number = 1;
  // A broken line is only forgiven when nothing follows it, so each is held back until the next has come.
  let broken: Error | null = null;
  for await (const line of lines) {
    if (broken !== null) throw new RecordingError(`${path}:${number}: ${broken.message}`, { cause: broken });
    number += 1;
    try {
      yield decodeInterval(line, header);
    } catch (error) {
      broken = error as Error;
    }
  }
  if (broken !== null) options.onCutOff(`${path}:${number}: the last line is incomplete and ignored`);
}

/** Lines without their ends. What stands after the last line end is yielded too: it may be whole. */
async function* wholeLines(path: string, options: ReadOptions): AsyncGenerator<string, void> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks(path, options)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at);
      yield (rest.length === 0 ? piece : Buffer.concat([...rest, piece])).toString('utf8');
      rest = [];
      restBytes = 0;
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
    restBytes += chunk.length - from;
    if (restBytes > MAX_LINE_BYTES)
      throw new RecordingError(`${path}: a line is longer than ${MAX_LINE_BYTES} bytes; this is not a recording`);
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

async function* chunks(path: string, options: ReadOptions): AsyncGenerator<Buffer, void> {
  const compressed = await isGzip(path);
  let bytes = 0;
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  const counted = (async function* () {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      options.onProgress?.(bytes);
      yield chunk;
    }
  })();
  try {
    yield* compressed ? gunzip(path, counted, options) : counted;
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    throw failedReading(path, error);
  } finally {
    file.destroy();
  }
}

async function* gunzip(
  path: string,
  compressed: AsyncIterable<Buffer>,
  options: ReadOptions,
): AsyncGenerator<Buffer, void> {
  // Without this flush mode a file that was cut off is an error that takes the last good data with it.
  const unzip = createGunzip({ chunkSize: 1024 * 1024, finishFlush: constants.Z_SYNC_FLUSH });
  let tail = Buffer.alloc(0);
  let length = 0;
  const feed = (async () => {
    for await (const chunk of compressed) {
      tail = Buffer.concat([tail, chunk.subarray(-4)]).subarray(-4);
      if (!unzip.write(chunk)) await new Promise((resolve) => unzip.once('drain', resolve));
    }
    unzip.end();
  })();
  // A failure of the feeding side ends the decompressor, whose error is the one that is thrown below.
  feed.catch((error: Error) => unzip.destroy(error));
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      length += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') !== true) throw error;
    throw new RecordingError(`${path}: the compressed file is damaged: ${message}`, { cause: error });
  } finally {
    unzip.destroy();
  }
  // A gzip file that was ended properly closes with the length of what is in it.
  if (tail.length < 4 || tail.readUInt32LE() !== length % 2 ** 32) {
    options.onCutOff(`${path}: the file was not closed properly; read up to its last complete line`);
  }
}

async function isGzip(path: string): Promise<boolean> {
  let file;
  try {
    file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } catch (error) {
    throw failedReading(path, error);
  } finally {
    await file?.close();
  }
}

/** What the system has against it. A bug is thrown on. */
function failedReading(path: string, error: unknown): RecordingError {
  const why = unreadable(error);
  if (why === null) throw error;
  const isDirectory = (error as NodeJS.ErrnoException).code === 'EISDIR';
  return new RecordingError(`${path}: ${isDirectory ? 'this is a directory; a recording is a file' : why}`, {
    cause: error,
  });
}
