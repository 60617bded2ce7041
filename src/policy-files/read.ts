import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { unreadable } from '../model/file-errors.ts';
import { DEFAULT_LIMITS } from '../policy/index.ts';
import { OperatorError } from '../support/operator-error.ts';
import { firstBytes, isDescriptor } from '../support/read-limited.ts';
import { decodePolicy, type ReadPolicy } from './decode.ts';

/** The read limit: a UTF-16 unit takes at most 3 bytes in UTF-8, and a byte order mark takes 3. */
export const MAX_POLICY_BYTES = 3 * (DEFAULT_LIMITS.sourceLength + 1);

/** What a path that is not there may have been meant as: the name of a shipped policy, or several policies. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^[a-z][a-z-]{0,40}$/, 'give the path of the file: only commands that simulate know shipped policies by name'],
  [/\+/, 'only commands that simulate know policies joined with +: name each by itself'],
];

/** One or more policy files cannot be read; the message has one line for each. */
export class PolicyFileError extends OperatorError {}

/** The files that could be read, and one message for each of the others. */
export interface ReadPolicies {
  readonly sources: readonly ReadPolicy[];
  readonly problems: readonly string[];
}

/**
 * Reads policy files in the given order. Encoding errors are reported as damage of the source.
 * @param streams the files that may be descriptors of this process, as a shell passes them: each can be read only once
 */
export async function readPolicies(files: readonly string[], streams: readonly string[] = []): Promise<ReadPolicies> {
  const read = await Promise.all(files.map((file) => readOrProblem(file, streams.includes(file))));
  return {
    sources: read.filter((result) => typeof result !== 'string'),
    problems: read.filter((result) => typeof result === 'string'),
  };
}

/**
 * {@link readPolicies} for callers that need all files.
 * @throws PolicyFileError
 */
export async function readAllPolicies(
  files: readonly string[],
  streams: readonly string[] = [],
): Promise<readonly ReadPolicy[]> {
  const { sources, problems } = await readPolicies(files, streams);
  if (problems.length > 0) throw new PolicyFileError(problems.join('\n'));
  return sources;
}

/**
 * Reads one policy file.
 * @param allowStream whether the file may be a descriptor of this process
 * @throws PolicyFileError
 */
export async function readPolicy(file: string, allowStream = false): Promise<ReadPolicy> {
  const read = await readOrProblem(file, allowStream);
  if (typeof read === 'string') throw new PolicyFileError(read);
  return read;
}

async function readOrProblem(file: string, allowStream: boolean): Promise<ReadPolicy | string> {
  const isStream = allowStream && isDescriptor(file);
  let handle: FileHandle | null = null;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer. With it, reading would not wait for the writer's data.
    handle = await open(file, constants.O_RDONLY | constants.O_NOCTTY | (isStream ? 0 : constants.O_NONBLOCK));
    const found = await handle.stat();
    if (found.isDirectory()) return problem(file, 'it is a directory');
    if (!found.isFile() && !isStream) return problem(file, 'it is a pipe or a device; expected a regular file');
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
    return unreadablePolicy(file, error);
  } finally {
    await handle?.close();
  }
}

/** Why a policy cannot be read, of a system error. Other errors are thrown again. */
export function unreadablePolicy(path: string, error: unknown): string {
  const why = unreadable(error);
  if (why === null) throw error;
  const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const hint = isAbsent ? HINTS.find(([pattern]) => pattern.test(path))?.[1] : undefined;
  return problem(path, hint === undefined ? why : `${why}; ${hint}`);
}

function problem(file: string, why: string): string {
  return `the policy ${file} cannot be read: ${why}`;
}
