import { open, type FileHandle } from 'node:fs/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { once } from 'node:events';

/** One file of a recording, open for appending lines. After a failed write it is truncated to its last complete line. */
export class Segment {
  readonly path: string;
  /** Time of the first interval, milliseconds since the epoch. */
  readonly openedMs: number;
  readonly #file: FileHandle;
  readonly #gzip: Gzip | null;
  #bytes = 0;

  private constructor(path: string, openedMs: number, file: FileHandle, gzip: boolean) {
    this.path = path;
    this.openedMs = openedMs;
    this.#file = file;
    this.#gzip = gzip ? createGzip() : null;
  }

  /** Creates the file; compressed when its name ends in `.gz`. @throws an errno error, EEXIST included */
  static async create(path: string, openedMs: number): Promise<Segment> {
    return new Segment(path, openedMs, await open(path, 'wx', 0o640), path.endsWith('.gz'));
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#bytes;
  }

  /**
   * Appends one line; resolves after write(2), so that the line survives a crash of this process.
   * @throws an errno error; the file is then truncated to its last complete line and closed
   */
  async append(line: string): Promise<void> {
    const text = Buffer.from(`${line}\n`);
    await this.#write(this.#gzip === null ? text : await flushed(this.#gzip, text));
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done);
        done += bytesWritten;
      }
    } catch (error) {
      await this.abandon();
      throw error;
    }
    this.#bytes += bytes.length;
  }

  /** Truncates the file to its last complete line and closes it. Never throws. */
  async abandon(): Promise<void> {
    await this.#file.truncate(this.#bytes).catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    this.#gzip?.destroy();
  }

  /** Completes and closes the file. @throws an errno error */
  async close(): Promise<void> {
    if (this.#gzip !== null) {
      const tail: Buffer[] = [];
      this.#gzip.on('data', (chunk: Buffer) => tail.push(chunk));
      this.#gzip.end();
      await once(this.#gzip, 'end');
      await this.#write(Buffer.concat(tail));
    }
    await this.#file.close();
  }
}

/** The compressed text, flushed so that a reader can decompress everything written so far. */
async function flushed(gzip: Gzip, text: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer) => chunks.push(chunk);
  gzip.on('data', collect);
  gzip.write(text);
  await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
  gzip.off('data', collect);
  return Buffer.concat(chunks);
}
