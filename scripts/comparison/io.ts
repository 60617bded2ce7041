import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Io } from '../../src/cli/support/io.ts';

/** For simulations that a script starts: with the results that this user has kept. @param progress where it is shown */
export function scriptIo(progress: Writable): Io {
  const { stdin, stdout, env } = process;
  const userCache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return { stdin, stdout, stderr: progress, readFile: () => Promise.reject(new Error('no file')), userCache };
}
