import { close, constants, open, read, readdir, write } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { HostFileError, type Host } from '../ports/host.ts';

/**
 * What the kernel says when there is nothing to read: no such file, or a process that ended between the opening of
 * its file and the reading.
 */
const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESRCH']);

/**
 * The files under `root`, `/` on a real host. Reads and writes go through Node's thread pool: a file that does not
 * answer (a FUSE mount over /proc, say) holds up its reader and not the daemon.
 */
export function kernelFiles(root = '/'): Host {
  const base = root.replace(/\/+$/, '');
  return {
    readText: (path) =>
      new Promise((resolve, reject) => {
        readWhole(base + path, (error, text) => {
          if (error === null) resolve(text);
          else if (ABSENT.has(error.code)) resolve(null);
          else reject(fileError('read', path, base, error));
        });
      }),
    list: (path) =>
      new Promise((resolve, reject) => {
        readdir(base + path, (error, names) => {
          if (error === null) resolve(names);
          else if (ABSENT.has(error.code)) resolve(null);
          else reject(fileError('list', path, base, error));
        });
      }),
    writeText: (path, text) =>
      new Promise((resolve, reject) => {
        // Never O_CREAT: a knob that the kernel does not have must not become a file.
        open(base + path, constants.O_WRONLY | constants.O_TRUNC, (openError, fd) => {
          if (openError !== null) return reject(fileError('write', path, base, openError));
          const bytes = Buffer.from(text);
          write(fd, bytes, 0, bytes.length, (writeError, written) => {
            close(fd, (closeError) => {
              const error = writeError ?? closeError ?? null;
              if (error !== null) reject(fileError('write', path, base, error));
              else if (written < bytes.length) reject(shortWrite(path, base, written, bytes.length));
              else resolve();
            });
          });
        });
      }),
  };
}

const CHUNK = 4096;

/**
 * The kernel hands its files out by pages at most, and what is left for the next read begins with a line that did not
 * fit. No line is half a page long: a read that gives less than that was the last.
 */
const SURELY_LAST = CHUNK / 2;

type Done = (error: NodeJS.ErrnoException | null, text: string) => void;

/**
 * As fs.readFile, for small files whose size is not known before: a third of its CPU time, which with a thousand guests
 * is the larger part of an interval.
 */
function readWhole(path: string, done: Done): void {
  open(path, constants.O_RDONLY, (openError, fd) => {
    if (openError !== null) return done(openError, '');
    const chunks: Buffer[] = [];
    const next = () => {
      const chunk = Buffer.allocUnsafe(CHUNK);
      read(fd, chunk, 0, CHUNK, null, (error, length) => {
        if (error === null && length >= SURELY_LAST) {
          chunks.push(chunk.subarray(0, length));
          return next();
        }
        // Nothing was written, so closing has nothing to tell.
        close(fd, () => undefined);
        if (error !== null) return done(error, '');
        const last = chunk.subarray(0, length);
        done(null, (chunks.length === 0 ? last : Buffer.concat([...chunks, last])).toString());
      });
    };
    next();
  });
}

function fileError(verb: string, path: string, base: string, cause: NodeJS.ErrnoException): HostFileError {
  const words = cause.errno === undefined ? undefined : getSystemErrorMap().get(cause.errno)?.[1];
  const code = cause.code ?? 'UNKNOWN';
  return new HostFileError(path, code, `cannot ${verb} ${base}${path}: ${words ?? cause.message} (${code})`, { cause });
}

function shortWrite(path: string, base: string, written: number, wanted: number): HostFileError {
  return new HostFileError(path, 'EIO', `cannot write ${base}${path}: wrote only ${written} of ${wanted} bytes`);
}
