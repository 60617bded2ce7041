import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, rename, unlink } from 'node:fs/promises';
import { createConnection, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { unwritable } from '../../model/file-errors.ts';

/** A socket cannot be made; the message says why and what to do. */
export class SocketError extends Error {}

export interface SocketFile {
  readonly path: string;
  /** Removes the file, unless another process has replaced it. */
  readonly remove: () => Promise<void>;
}

/** What Linux takes, bytes. */
const LONGEST_PATH = 107;

/** How long another process may take to accept a connection, milliseconds. */
const PROBE_MS = 500;

/**
 * Makes a server listen on a unix socket. It is made under another name and renamed when its mode and group are right, so that nobody
 * who may not connect can, and one that a killed process has left is replaced without a gap. One that still answers is not.
 * @param gid the group; null: that of the process
 * @throws SocketError
 */
export async function listenOn(server: Server, path: string, mode: number, gid: number | null): Promise<SocketFile> {
  const length = Buffer.byteLength(path);
  if (length > LONGEST_PATH)
    throw new SocketError(
      `${path} has ${length} bytes, and Linux takes ${LONGEST_PATH}; set a shorter path (runtime_dir, or control.mom_rpc)`,
    );
  await requireFree(path);
  const temporary = join(dirname(path), `.s${randomBytes(4).toString('hex')}`);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(temporary, () => {
        server.off('error', reject);
        resolve();
      });
    });
    if (gid !== null) await chown(temporary, -1, gid);
    await chmod(temporary, mode);
    const { ino } = await lstat(temporary);
    await rename(temporary, path);
    return { path, remove: () => removeOwn(path, ino) };
  } catch (error) {
    server.close();
    await unlink(temporary).catch(() => undefined);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (syscall === 'chown')
      throw new SocketError(`${path}: its group cannot be set to ${gid}: ${code}; Ballast must be root or in that group`, { cause: error }); // prettier-ignore
    throw new SocketError(`${path} cannot be made: ${unwritable(error) ?? code}`, { cause: error }); // prettier-ignore
  }
}

async function requireFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) throw new SocketError(`${path} is there and is no socket; remove it`);
  if (await answers(path)) throw new SocketError(`${path} belongs to another process that still runs`);
}

/** Whether a process listens on a socket. One that is too busy to accept does. */
async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const finish = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(PROBE_MS, () => finish(true));
    socket.once('connect', () => finish(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => finish(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

async function removeOwn(path: string, ino: number): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.ino === ino) await unlink(path).catch(() => undefined);
}
