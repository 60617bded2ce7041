import type { Vocabulary } from '../model/vocabulary.ts';
import { loadPolicy, type Diagnostic, type Limits, type PolicySource, type Program } from '../policy/index.ts';
import { onceEach } from '../policy-files/find.ts';
import { readPolicies } from '../policy-files/read.ts';
import { SetupError } from './setup-error.ts';

export interface LoadedPolicies {
  /** null if the diagnostics include an error. */
  readonly program: Program | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly PolicySource[];
}

/**
 * Reads and compiles policies; all files form one program.
 * @param streams the files that may be pipes or devices
 * @param placed adds where the files are named
 * @throws SetupError when a file cannot be read
 */
export async function loadPolicies(
  files: readonly string[],
  streams: readonly string[],
  vocabulary: Vocabulary,
  limits: Partial<Limits>,
  placed: (problem: string) => string = (problem) => problem,
): Promise<LoadedPolicies> {
  const { sources, problems } = await readPolicies(onceEach(files), streams);
  if (problems.length > 0) throw new SetupError(problems.map((problem) => placed(problem)).join('\n'));
  return { sources, ...loadPolicy(sources, { vocabulary, limits }) };
}
