import { close, constants, open, readFile, readdir, write } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { HostFileError, type Host } from './host.ts';

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
        // The callback form: half the CPU time of fs/promises, and with a thousand guests there are thousands of reads.
        readFile(base + path, 'utf8', (error, text) => {
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

function fileError(verb: string, path: string, base: string, cause: NodeJS.ErrnoException): HostFileError {
  const words = cause.errno === undefined ? undefined : getSystemErrorMap().get(cause.errno)?.[1];
  const code = cause.code ?? 'UNKNOWN';
  return new HostFileError(path, code, `cannot ${verb} ${base}${path}: ${words ?? cause.message} (${code})`, { cause });
}

function shortWrite(path: string, base: string, written: number, wanted: number): HostFileError {
  return new HostFileError(path, 'EIO', `cannot write ${base}${path}: only ${written} of ${wanted} bytes were taken`);
}
