import { close, constants, open, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Health } from './health.ts';

const openWith = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** Names and settings of guests are not for all users of the host. */
const MODE = 0o640;

/** Without O_NONBLOCK, opening a named pipe that nobody reads waits for ever. */
const openFile = (path: string): Promise<number> =>
  openWith(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, MODE);

const BATCH_BYTES = 64 * 1024;
const BUSY_MS = 50;
const NEWLINE = 0x0a;

/**
 * Appends lines to a descriptor without blocking the event loop. After a failed write, the rest is kept and retried
 * with the next line. (pino's own file stream retries forever if the process exits while the disk is full.)
 */
export class Appender {
  readonly #health: Health;
  readonly #maxPendingBytes: number;
  #fd: number;
  #lines: string[] = [];
  /** The unwritten rest of the current batch. */
  #batch: Buffer = Buffer.alloc(0);
  #isInsideLine = false;
  #pendingBytes = 0;
  #reopenPath: string | null = null;
  #isRunning = false;
  #run: Promise<void> = Promise.resolve();

  constructor(fd: number, health: Health, maxPendingBytes: number) {
    this.#fd = fd;
    this.#health = health;
    this.#maxPendingBytes = maxPendingBytes;
  }

  static async ofFile(path: string, health: Health, maxPendingBytes: number): Promise<Appender> {
    return new Appender(await openFile(path), health, maxPendingBytes);
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#pendingBytes + bytes > this.#maxPendingBytes) this.#health.countLostLine();
    else {
      this.#lines.push(line);
      this.#pendingBytes += bytes;
    }
    this.#start();
  }

  /** Opens the file at this path again, before the next write. */
  reopen(path: string): void {
    this.#reopenPath = path;
    this.#start();
  }

  /** Resolves when all lines are written or the last attempt has failed. */
  async flush(): Promise<void> {
    this.#start();
    await this.#run;
  }

  async close(): Promise<void> {
    await closeFile(this.#fd);
  }

  #start(): void {
    if (!this.#isRunning) this.#run = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isRunning = true;
    try {
      for (;;) {
        if (this.#reopenPath !== null) await this.#openAgain(this.#reopenPath);
        if (this.#batch.length === 0) this.#batch = this.#nextBatch();
        if (this.#batch.length === 0) return;
        await this.#writeSome();
        this.#health.reportSuccess(this.#pendingBytes < this.#maxPendingBytes / 2);
      }
    } catch (error) {
      this.#health.reportFailure(error as NodeJS.ErrnoException);
    } finally {
      this.#isRunning = false;
    }
  }

  #nextBatch(): Buffer {
    let bytes = 0;
    let count = 0;
    while (count < this.#lines.length && bytes < BATCH_BYTES) bytes += this.#lines[count++]?.length ?? 0;
    return Buffer.from(this.#lines.splice(0, count).join(''));
  }

  async #writeSome(): Promise<void> {
    try {
      const { bytesWritten } = await writeFile(this.#fd, this.#batch);
      if (bytesWritten > 0) this.#isInsideLine = this.#batch[bytesWritten - 1] !== NEWLINE;
      this.#drop(bytesWritten);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, BUSY_MS);
      });
    }
  }

  async #openAgain(path: string): Promise<void> {
    this.#reopenPath = null;
    const old = this.#fd;
    this.#fd = await openFile(path);
    await closeFile(old);
    if (!this.#isInsideLine) return;
    // The old file has the start of this line: drop the rest, so that the new file does not begin with it.
    this.#health.countLostLine();
    this.#isInsideLine = false;
    this.#drop(this.#batch.indexOf(NEWLINE) + 1);
  }

  #drop(bytes: number): void {
    this.#batch = this.#batch.subarray(bytes);
    this.#pendingBytes -= bytes;
  }
}
