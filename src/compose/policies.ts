import { onceEach } from '../config/policy-files.ts';
import { type FileIo, nodeIo } from '../yaml/file-io.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { loadPolicy, type Diagnostic, type Limits, type PolicySource, type Program } from '../policy/index.ts';
import { unreadable } from '../model/file-errors.ts';

export interface LoadedPolicies {
  /** null when there is an error among the diagnostics. */
  readonly program: Program | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly PolicySource[];
}

/** A policy file that cannot be read. */
export class PolicyFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PolicyFileError';
  }
}

/**
 * Reads and compiles policies; all files form one program.
 * @throws PolicyFileError
 */
export async function loadPolicies(
  files: readonly string[],
  vocabulary: Vocabulary,
  limits: Partial<Limits>,
  io: FileIo = nodeIo,
): Promise<LoadedPolicies> {
  const sources = await Promise.all(onceEach(files).map((file) => readPolicy(file, io)));
  return { sources, ...loadPolicy(sources, { vocabulary, limits }) };
}

async function readPolicy(file: string, io: FileIo): Promise<PolicySource> {
  try {
    return { file, text: Buffer.from(await io.read(file, Infinity)).toString('utf8') };
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    throw new PolicyFileError(`the policy ${file} cannot be read: ${why}`, { cause: error });
  }
}
