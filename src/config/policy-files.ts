import { join } from 'node:path';
import { policiesAmong } from '../policy-files/find.ts';
import type { LoadedConfig } from './load.ts';
import { type FileIo, nodeIo } from '../yaml/file-io.ts';
import type { FileProblem } from '../yaml/problem.ts';
import { readFailure } from '../yaml/read-text.ts';

/**
 * The policy files to load: `policy.files`, or the current content of `policy_dir`, so that a reload sees added and removed
 * files. A directory that cannot be listed or contains no policy is an error: Ballast would run without the intended
 * policies.
 */
export async function policyFiles(
  { config, problemAt }: LoadedConfig,
  io: FileIo = nodeIo,
): Promise<{ readonly files: readonly string[] } | { readonly error: FileProblem }> {
  const { dir, files } = config.policy;
  if (dir === null) return { files };
  let names: readonly string[];
  try {
    names = await io.list(dir);
  } catch (error) {
    return { error: problemAt(['policy_dir'], `${dir}: ${readFailure(error)}`) };
  }
  const policies = policiesAmong(names);
  if (policies.length === 0) return { error: problemAt(['policy_dir'], `${dir} has no *.policy or *.rules file`) };
  return { files: policies.map((name) => join(dir, name)) };
}
