import { open, type FileHandle } from 'node:fs/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { once } from 'node:events';

/** One file of a recording, open for appending whole lines. After a failed write it ends with its last whole line. */
export class Segment {
  readonly path: string;
  /** When its first line was taken, milliseconds since the epoch. */
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

  /** Bytes in the file so far. */
  get size(): number {
    return this.#bytes;
  }

  /**
   * Appends one line and hands it to the kernel before it resolves, so that a crash of this process loses nothing of it.
   * @throws an errno error, after the file was cut back to its last whole line; the segment must then be abandoned
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

  /** Cuts the file back to its last whole line and closes it. Never throws. */
  async abandon(): Promise<void> {
    await this.#file.truncate(this.#bytes).catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    this.#gzip?.destroy();
  }

  /** Ends the file properly. @throws an errno error */
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

/** What the compressor has to say of this text, complete: a reader can decompress up to here and no further. */
async function flushed(gzip: Gzip, text: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer) => chunks.push(chunk);
  gzip.on('data', collect);
  gzip.write(text);
  await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
  gzip.off('data', collect);
  return Buffer.concat(chunks);
}
