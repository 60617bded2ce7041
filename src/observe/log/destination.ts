import { fstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { waitAtMost } from '../../support/deadline.ts';
import { Appender } from './appender.ts';
import { Health } from './health.ts';
import type { DestinationEvents } from './health.ts';

/**
 * A destination for formatted log lines. Writing never throws or blocks: lines that the destination does not accept are
 * buffered up to a limit, then dropped and counted.
 */
export interface Destination {
  readonly isTTY: boolean;
  listen(events: DestinationEvents): void;
  write(line: string): void;
  /** Reopens a file by its path after it was moved; no effect for other destinations. */
  reopen(): void;
  /** Waits up to one second for buffered lines. Nothing may be written afterwards. */
  close(): Promise<void>;
}

/** Default limit of the buffer for a slow destination, bytes. */
export const MAX_PENDING_BYTES = 4 * 1024 * 1024;

const CLOSE_MS = 1000;

const guarded = new WeakSet<Writable>();

/**
 * Writes to a stream owned by the caller; never ends it. Node's streams do not recover from errors; {@link toFile} and
 * {@link toDescriptor} do.
 */
export function toStream(
  stream: Writable & { readonly isTTY?: boolean },
  maxPendingBytes = MAX_PENDING_BYTES,
): Destination {
  const health = new Health();
  if (!guarded.has(stream)) {
    // Without a listener, a broken pipe would terminate the process. Each write reports its own failure below.
    stream.on('error', () => {});
    guarded.add(stream);
  }
  // A stream that has failed accepts lines, but never writes them.
  const isUnusable = () => stream.errored !== null || !stream.writable;
  const written = (error: Error | null | undefined) => {
    if (error === null || error === undefined) return health.reportSuccess(stream.writableLength < maxPendingBytes / 2);
    health.countLostLine();
    health.reportFailure(error);
  };
  return {
    isTTY: stream.isTTY === true,
    listen: (events) => health.listen(events),
    write(line) {
      if (isUnusable() || stream.writableLength + line.length > maxPendingBytes) health.countLostLine();
      else stream.write(line, written);
    },
    reopen() {},
    async close() {
      if (isUnusable()) return;
      const written = new Promise<void>((resolve) => {
        stream.write('', () => resolve());
      });
      await waitAtMost(written, { ms: CLOSE_MS });
    },
  };
}

/**
 * Appends to a file. Creates the file and its directory if they do not exist.
 * @throws a file system error when the file cannot be opened
 */
export async function toFile(path: string, maxPendingBytes = MAX_PENDING_BYTES): Promise<Destination> {
  await mkdir(dirname(path), { recursive: true });
  const health = new Health();
  const appender = await Appender.ofFile(path, health, maxPendingBytes);
  return {
    isTTY: false,
    listen: (events) => health.listen(events),
    write: (line) => appender.write(line),
    reopen: () => appender.reopen(path),
    async close() {
      await waitAtMost(appender.flush(), { ms: CLOSE_MS });
      await appender.close();
    },
  };
}

/**
 * Writes to a file descriptor owned by the caller, such as 2. Unlike Node's standard streams, it never blocks the event
 * loop: if the reader of a pipe or socket hangs, lines are buffered, then dropped.
 */
export function toDescriptor(fd: number, isTTY: boolean, maxPendingBytes = MAX_PENDING_BYTES): Destination {
  const kind = fstatSync(fd);
  // fs.write would block a worker thread on a full pipe, and thereby the exit of the process.
  if (kind.isFIFO() || kind.isSocket())
    return toStream(new Socket({ fd, readable: false, writable: true }), maxPendingBytes);
  const health = new Health();
  const appender = new Appender(fd, health, maxPendingBytes);
  return {
    isTTY,
    listen: (events) => health.listen(events),
    write: (line) => appender.write(line),
    reopen() {},
    async close() {
      await waitAtMost(appender.flush(), { ms: CLOSE_MS });
    },
  };
}
