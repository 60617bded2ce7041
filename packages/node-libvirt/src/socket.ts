import { connect, type Socket } from 'node:net';
import { LibvirtConnectionError, LibvirtTimeoutError } from './errors.ts';

interface Attempt {
  readonly path: string;
  readonly code: string;
  readonly cause: Error;
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket; is libvirtd (or virtqemud) installed and running?',
  ECONNREFUSED: 'nothing is listening on this socket; is libvirtd (or virtqemud) running?',
  EACCES:
    'no permission to use this socket; run as root or as a member of the group that owns it (libvirt, on most systems)',
};

/** Which error to report: unlisted errors first, then in this order. A closed socket says more than a missing one. */
const ERROR_RANKS = ['EACCES', 'EPERM', 'ECONNREFUSED', 'ENOENT'];

/**
 * Connects to the first of `paths` that accepts connections.
 * @throws LibvirtConnectionError with the most informative errno, LibvirtTimeoutError, the signal's reason
 */
export async function openSocket(
  paths: readonly string[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const attempts: Attempt[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    try {
      return await openOne(path, timeoutMs, signal);
    } catch (error) {
      if (signal?.aborted || !isErrno(error)) throw error;
      attempts.push({ path, code: error.code, cause: error });
    }
  }
  const worst = attempts.toSorted((a, b) => rank(a.code) - rank(b.code))[0];
  if (worst === undefined) throw new TypeError('no socket path to connect to');
  const others = attempts.filter((attempt) => attempt !== worst).map(({ path, code }) => `${path}: ${code}`);
  const tail = others.length === 0 ? '' : ` (also tried ${others.join(', ')})`;
  const why = EXPLANATIONS[worst.code] ?? worst.cause.message;
  throw new LibvirtConnectionError(
    worst.code,
    `cannot connect to libvirt at ${worst.path}: ${worst.code}, ${why}${tail}`,
    { cause: worst.cause },
  );
}

function openOne(path: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const fail = (error: unknown): void => {
      done();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(signal?.reason);
    const timer =
      timeoutMs > 0
        ? setTimeout(() => fail(new LibvirtTimeoutError(`connect to ${path}`, timeoutMs)), timeoutMs)
        : undefined;
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error');
      socket.removeAllListeners('connect');
    };
    signal?.addEventListener('abort', onAbort);
    socket.once('error', fail);
    socket.once('connect', () => {
      done();
      resolve(socket);
    });
  });
}

function rank(code: string): number {
  return ERROR_RANKS.indexOf(code);
}

function isErrno(error: unknown): error is Error & { code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
