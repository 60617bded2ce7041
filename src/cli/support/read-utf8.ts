import { readLimited } from '../../support/read-limited.ts';

/** No test, page or list of expressions is larger. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a file given on the command line as UTF-8. @throws a file system error, or one that says that the file is too large */
export async function readUtf8(path: string): Promise<string> {
  const bytes = await readLimited(path, MAX_BYTES + 1, true);
  if (bytes.length > MAX_BYTES)
    throw Object.assign(new Error(`it is larger than ${MAX_BYTES / 1024 ** 2} MiB`), { code: 'TOO_LARGE' });
  return bytes.toString('utf8');
}
