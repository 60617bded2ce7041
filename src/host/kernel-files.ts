import { close, constants, open, read, readdir, write } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { HostFileError, type Host } from '../ports/host.ts';

/**
 * Errors that mean absent: the file does not exist, or the process exited between open and read.
 */
const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESRCH']);

/**
 * The files under `root`, `/` on a real host. Reads and writes use Node's thread pool: a read that hangs (FUSE mounted
 * over /proc, for example) blocks its caller and not the daemon.
 */
export function kernelFiles(root = '/'): Host {
  const base = withoutSlashes(root);
  return {
    readText: (path) =>
      new Promise((resolve, reject) => {
        readFile(base + path, (error, text) => {
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
        // No O_CREAT: a knob that the kernel lacks must not be created as a file.
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

function withoutSlashes(root: string): string {
  let end = root.length;
  while (root[end - 1] === '/') end -= 1;
  return root.slice(0, end);
}

const CHUNK = 4096;

/** No file that Ballast reads has a tenth of this, even with thousands of CPUs. Something else is mounted there. */
const MAX_CHUNKS = 1024;

/**
 * The kernel returns at most a page per read, ending with a complete line. No line is half a page long, so a read that
 * returns less than half a page was the last.
 */
const HALF_CHUNK = CHUNK / 2;

type Done = (error: NodeJS.ErrnoException | null, text: string) => void;

/**
 * Like fs.readFile, for small files of unknown size, with a third of its CPU time: with a thousand guests, reading files
 * takes most of an interval.
 */
function readFile(path: string, done: Done): void {
  // A pipe in place of a file must not keep a thread for ever.
  open(path, constants.O_RDONLY | constants.O_NONBLOCK, (openError, fd) => {
    if (openError !== null) return done(openError, '');
    const chunks: Buffer[] = [];
    const next = () => {
      const chunk = Buffer.allocUnsafe(CHUNK);
      read(fd, chunk, 0, CHUNK, null, (error, length) => {
        if (error === null && length >= HALF_CHUNK && chunks.length < MAX_CHUNKS) {
          chunks.push(chunk.subarray(0, length));
          return next();
        }
        // Nothing was written, so an error of close does not matter.
        close(fd, () => undefined);
        if (error !== null) return done(error, '');
        if (chunks.length === MAX_CHUNKS) return done(tooLarge(), '');
        const last = chunk.subarray(0, length);
        done(null, (chunks.length === 0 ? last : Buffer.concat([...chunks, last])).toString());
      });
    };
    next();
  });
}

function tooLarge(): NodeJS.ErrnoException {
  return Object.assign(new Error(`more than ${(CHUNK * MAX_CHUNKS) / 1024} KiB`), { code: 'EFBIG' });
}

function fileError(verb: string, path: string, base: string, cause: NodeJS.ErrnoException): HostFileError {
  const words = cause.errno === undefined ? undefined : getSystemErrorMap().get(cause.errno)?.[1];
  const code = cause.code ?? 'UNKNOWN';
  return new HostFileError(path, code, `cannot ${verb} ${base}${path}: ${words ?? cause.message} (${code})`, { cause });
}

function shortWrite(path: string, base: string, written: number, wanted: number): HostFileError {
  return new HostFileError(path, 'EIO', `cannot write ${base}${path}: wrote only ${written} of ${wanted} bytes`);
}
