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
 * Where finished lines go. Writing never throws and never blocks: lines that the destination does not accept are buffered
 * up to a limit, then dropped and counted.
 */
export interface Destination {
  readonly isTTY: boolean;
  listen(events: DestinationEvents): void;
  write(line: string): void;
  /** Reopens a file by its name after it was moved; no effect for anything but a file. */
  reopen(): void;
  /** Waits up to one second for buffered lines. Nothing may be written afterwards. */
  close(): Promise<void>;
}

/** Default limit of the buffer for a slow destination, bytes. */
export const MAX_PENDING_BYTES = 4 * 1024 * 1024;

const CLOSE_MS = 1000;

const guarded = new WeakSet<Writable>();

/**
 * A stream that someone else owns: it is never ended. Node's streams do not recover from an error; {@link toFile} and
 * {@link toDescriptor} do.
 */
export function toStream(
  stream: Writable & { readonly isTTY?: boolean },
  maxPendingBytes = MAX_PENDING_BYTES,
): Destination {
  const health = new Health();
  if (!guarded.has(stream)) {
    // Without a listener a broken pipe would end the process; each write reports its own failure below.
    stream.on('error', () => {});
    guarded.add(stream);
  }
  // After a failure a stream accepts lines but never writes them.
  const isGone = () => stream.errored !== null || !stream.writable;
  const written = (error: Error | null | undefined) => {
    if (error === null || error === undefined) return health.worked(stream.writableLength < maxPendingBytes / 2);
    health.lose();
    health.failed(error);
  };
  return {
    isTTY: stream.isTTY === true,
    listen: (events) => health.listen(events),
    write(line) {
      if (isGone() || stream.writableLength + line.length > maxPendingBytes) health.lose();
      else stream.write(line, written);
    },
    reopen() {},
    async close() {
      if (isGone()) return;
      const written = new Promise<void>((resolve) => {
        stream.write('', () => resolve());
      });
      await waitAtMost(written, { ms: CLOSE_MS });
    },
  };
}

/**
 * A file that lines are appended to; it and its directory are made when they are not there.
 * @throws a file system error when it cannot be opened
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
 * A file descriptor that someone else owns, such as 2. Unlike Node's own standard streams it never blocks the event
 * loop: for a pipe or socket whose reader hangs, lines are buffered, then dropped.
 */
export function toDescriptor(fd: number, isTTY: boolean, maxPendingBytes = MAX_PENDING_BYTES): Destination {
  const kind = fstatSync(fd);
  // Written by a thread, a full pipe would hold that thread, and the exit of the process with it.
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
