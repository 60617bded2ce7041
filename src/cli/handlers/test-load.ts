import { dirname, relative, resolve } from 'node:path';
import { bindPlaced } from '../../parameters/check.ts';
import { renderProblem } from '../../yaml/problem.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { Coverage, loadPolicy, renderDiagnostics, type PolicySource, type Program } from '../../policy/index.ts';
import { onceEach } from '../../policy-files/find.ts';
import { readPolicies } from '../../policy-files/read.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { readSuite } from '../../tooling/testing/read.ts';
import type { Suite } from '../../tooling/testing/suite.ts';
import type { Io } from '../support/io.ts';
import { readText } from '../support/read-text.ts';
import { TestFileError } from './test-files.ts';

/** A policy under test. Coverage adds up over all test files. */
export interface LoadedPolicy {
  readonly program: Program;
  readonly sources: readonly PolicySource[];
  readonly coverage: Coverage;
}

export interface LoadedSuite {
  readonly suite: Suite;
  readonly policy: LoadedPolicy;
}

/**
 * Reads and checks test files and their policies before any case runs. Prints warnings about policies.
 * @throws TestFileError with all problems
 */
export async function loadSuites(
  files: readonly string[],
  io: Io,
  vocabulary: Vocabulary,
): Promise<readonly LoadedSuite[]> {
  const policies = new Map<string, Promise<LoadedPolicy | string>>();
  const suites: LoadedSuite[] = [];
  const problems = new Set<string>();
  for (const file of files) {
    const loaded = await loadSuite(file, io, vocabulary, policies);
    if ('suite' in loaded) suites.push(loaded);
    else for (const problem of loaded.problems) problems.add(problem);
  }
  if (problems.size > 0) throw new TestFileError([...problems].join('\n'));
  return suites;
}

async function loadSuite(
  file: string,
  io: Io,
  vocabulary: Vocabulary,
  policies: Map<string, Promise<LoadedPolicy | string>>,
): Promise<LoadedSuite | { readonly problems: readonly string[] }> {
  let text: string;
  try {
    text = await readText(io, file);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { problems: [error.message] };
  }
  const read = readSuite(file, text, vocabulary);
  const named = 'suite' in read ? read.suite.policies : read.policies;
  const paths = onceEach(named.map((policy) => shortest(resolve(dirname(file), policy))));
  const key = JSON.stringify(paths);
  const loading = policies.get(key) ?? load(paths, io, vocabulary);
  policies.set(key, loading);
  const policy = await loading;
  if ('problems' in read)
    return { problems: [...read.problems.map(renderProblem), ...(typeof policy === 'string' ? [policy] : [])] };
  const { suite } = read;
  if (typeof policy === 'string') {
    // A policy's own problems have their places.
    const isUnread = policy.startsWith('the policy ');
    return { problems: [isUnread ? renderProblem({ file, ...suite.policiesAt, message: policy }) : policy] };
  }
  const context = { declared: policy.program, otherPolicies: false };
  const params = suite.cases
    .flatMap((test) => test.params)
    .sort((a, b) => a.valuePlace.line - b.valuePlace.line || a.valuePlace.column - b.valuePlace.column);
  const { problems, warnings } = bindPlaced(context, params);
  for (const line of warnings) io.stderr.write(`warning: ${line}\n`);
  return problems.length > 0 ? { problems } : { suite, policy };
}

/** Returns the policy, or a text with its errors. */
async function load(paths: readonly string[], io: Io, vocabulary: Vocabulary): Promise<LoadedPolicy | string> {
  const { sources, problems } = await readPolicies(paths);
  if (problems.length > 0) return problems.join('\n');
  const { program, diagnostics } = loadPolicy(sources, { vocabulary });
  const rendered = renderDiagnostics(diagnostics, sources, { color: io.stderr.isTTY === true }).trimEnd();
  if (program === null) return rendered;
  if (rendered !== '') io.stderr.write(`${rendered}\n`);
  return { program, sources, coverage: new Coverage(program) };
}

/** Relative to the working directory if the path is below it, otherwise unchanged. */
function shortest(path: string): string {
  const below = relative('', path);
  return below.startsWith('..') ? path : below;
}
