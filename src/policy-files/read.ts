import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { unreadable } from '../model/file-errors.ts';
import { DEFAULT_LIMITS } from '../policy/index.ts';
import { OperatorError } from '../support/operator-error.ts';
import { decodePolicy, type ReadPolicy } from './decode.ts';

/** More than this is not read: a UTF-16 unit has at most 3 bytes in UTF-8, and a byte order mark has 3. */
export const MAX_POLICY_BYTES = 3 * (DEFAULT_LIMITS.sourceLength + 1);

/** A policy file that cannot be read, or several, a line for each. */
export class PolicyFileError extends OperatorError {}

/** What `readPolicies` could read, and what is wrong with the others. */
export interface ReadPolicies {
  readonly sources: readonly ReadPolicy[];
  readonly problems: readonly string[];
}

/** Reads policy files, in their order. What is wrong with the text of one goes with its source. */
export async function readPolicies(files: readonly string[]): Promise<ReadPolicies> {
  const read = await Promise.all(files.map(readOrProblem));
  return {
    sources: read.filter((result) => typeof result !== 'string'),
    problems: read.filter((result) => typeof result === 'string'),
  };
}

/**
 * The same where all of them are needed.
 * @throws PolicyFileError
 */
export async function readAllPolicies(files: readonly string[]): Promise<readonly ReadPolicy[]> {
  const { sources, problems } = await readPolicies(files);
  if (problems.length > 0) throw new PolicyFileError(problems.join('\n'));
  return sources;
}

/**
 * Reads one policy file.
 * @throws PolicyFileError
 */
export async function readPolicy(file: string): Promise<ReadPolicy> {
  const read = await readOrProblem(file);
  if (typeof read === 'string') throw new PolicyFileError(read);
  return read;
}

async function readOrProblem(file: string): Promise<ReadPolicy | string> {
  let handle: FileHandle | null = null;
  try {
    // Without O_NONBLOCK the opening of a pipe waits until somebody writes to it.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const found = await handle.stat();
    if (found.isDirectory()) return problem(file, 'it is a directory');
    if (!found.isFile()) return problem(file, 'it is a pipe or a device; a policy is an ordinary file');
    const bytes = await firstBytes(handle, MAX_POLICY_BYTES + 1);
    return bytes.length > MAX_POLICY_BYTES
      ? {
          file,
          text: '',
          damage: { kind: 'too-large', bytes: Math.max(found.size, bytes.length) },
          byteOrderMark: false,
        }
      : decodePolicy(file, bytes);
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    return problem(file, why);
  } finally {
    await handle?.close();
  }
}

/** Less when the file is shorter. Its size is not asked for: it may grow, and files of the kernel have none. */
async function firstBytes(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await handle.read(buffer, length, limit - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function problem(file: string, why: string): string {
  return `the policy ${file} cannot be read: ${why}`;
}
