import { constants as flags } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import { unreadable } from '../model/file-errors.ts';
import { NotRegularError } from '../support/read-limited.ts';
import {
  decodeInterval,
  headerSchema,
  RECORDING_VERSION,
  type RecordedInterval,
  type RecordingHeader,
} from './format.ts';

/** A recording cannot be read, or not to its end. The message names the file and, if known, the line. */
export class RecordingError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordingError';
  }
}

/** The first line cannot be read: the file is missing or not a recording. */
export class NoRecordingError extends RecordingError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoRecordingError';
  }
}

export interface ReadOptions {
  /** Called when the recording is truncated, unless it is still being written: data after the last complete line is ignored. */
  readonly onCutOff: (message: string) => void;
  /** Called with the number of bytes of the file read so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Recording {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly intervals: AsyncGenerator<RecordedInterval, void>;
}

/** A file that was last written so many collection intervals ago, plus a margin, is still being written. */
const LIVE_INTERVALS = 3;
const LIVE_MARGIN_MS = 10_000;

/** Longest accepted line, bytes: enough for 100,000 guests. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * Opens a recording, plain or gzip as its first bytes indicate, and reads its header. The intervals are streamed.
 * @throws NoRecordingError for the header; the generator throws RecordingError
 */
export async function openRecording(path: string, options: ReadOptions): Promise<Recording> {
  let collectIntervalMs = 0;
  const lines = readLines(path, {
    ...options,
    isLive: async () => {
      const { mtimeMs } = await stat(path);
      return Date.now() - mtimeMs < LIVE_INTERVALS * collectIntervalMs + LIVE_MARGIN_MS;
    },
  });
  try {
    const first = await lines.next();
    if (first.done === true)
      throw new NoRecordingError(`${path}: the recording is empty or its first line is incomplete`);
    const header = parseHeader(path, first.value);
    collectIntervalMs = header.collect_interval_ms;
    return { path, header, intervals: intervals(path, header, lines, options) };
  } catch (error) {
    await lines.return();
    throw error instanceof RecordingError ? new NoRecordingError(error.message, { cause: error }) : error;
  }
}

function parseHeader(path: string, text: string): RecordingHeader {
  const invalid = (what: string) => new RecordingError(`${path}:1: ${what}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('this is not a recording: the first line should be a JSON object with "ballast_recording"');
  }
  const version = (value as { ballast_recording?: unknown } | null)?.ballast_recording;
  if (version === undefined)
    throw invalid('this is not a recording: "ballast_recording" is missing from the first line');
  if (version !== RECORDING_VERSION) {
    throw invalid(
      `the recording has version ${JSON.stringify(version)}; this program reads version ${RECORDING_VERSION}`,
    );
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw invalid(`"${issue.path.join('.')}" in the first line is invalid: ${issue.message}`);
}

async function* intervals(
  path: string,
  header: RecordingHeader,
  lines: AsyncGenerator<string, void>,
  options: ReadOptions,
): AsyncGenerator<RecordedInterval, void> {
  let number = 1;
  // An invalid line is tolerated only at the end of the file, so its error is thrown when another line follows.
  let failure: Error | null = null;
  for await (const line of lines) {
    if (failure !== null) throw new RecordingError(`${path}:${number}: ${failure.message}`, { cause: failure });
    number += 1;
    try {
      yield decodeInterval(line, header);
    } catch (error) {
      failure = error as Error;
    }
  }
  if (failure !== null) options.onCutOff(`${path}:${number}: the last line is incomplete and ignored`);
}

interface ChunkOptions extends ReadOptions {
  /** Whether the file was written recently. */
  readonly isLive: () => Promise<boolean>;
}

/** Yields lines without line breaks. Text after the last line break is yielded too: it may be a complete line. */
async function* readLines(path: string, options: ChunkOptions): AsyncGenerator<string, void> {
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

async function* chunks(path: string, options: ChunkOptions): AsyncGenerator<Buffer, void> {
  const handle = await openRegular(path);
  let bytes = 0;
  const compressed = await isGzip(path, handle);
  const file = handle.createReadStream({ start: 0, highWaterMark: 1024 * 1024 });
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

/** How the compressed text ends after each line that the writer has flushed. */
const LINE_END = Buffer.from([0, 0, 0xff, 0xff]);

async function* gunzip(
  path: string,
  compressed: AsyncIterable<Buffer>,
  options: ChunkOptions,
): AsyncGenerator<Buffer, void> {
  // The default flush mode fails on a truncated file and discards its last valid data.
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
  // A read error destroys the decompressor, so that the loop below throws it.
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
  // A complete gzip file ends with the length of its content modulo 2^32.
  const isComplete = tail.length === 4 && tail.readUInt32LE() === length % 2 ** 32;
  if (!isComplete && !(tail.equals(LINE_END) && (await options.isLive()))) {
    options.onCutOff(`${path}: the file was not closed properly; read up to its last complete line`);
  }
}

/** Without O_NONBLOCK, opening a named pipe waits for a writer. */
async function openRegular(path: string): Promise<FileHandle> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, flags.O_RDONLY | flags.O_NOCTTY | flags.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile() && !found.isDirectory()) throw new NotRegularError(false);
    return file;
  } catch (error) {
    await file?.close();
    throw failedReading(path, error);
  }
}

async function isGzip(path: string, file: FileHandle): Promise<boolean> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } catch (error) {
    await file.close();
    throw failedReading(path, error);
  }
}

/** Wraps an error of the file system; rethrows any other. */
function failedReading(path: string, error: unknown): RecordingError {
  const why = unreadable(error);
  if (why === null) throw error;
  const isDirectory = (error as NodeJS.ErrnoException).code === 'EISDIR';
  return new RecordingError(`${path}: ${isDirectory ? 'this is a directory; a recording is a file' : why}`, {
    cause: error,
  });
}
