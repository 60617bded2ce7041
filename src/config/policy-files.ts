import { join } from 'node:path';
import { policiesAmong } from '../policy-files/find.ts';
import type { LoadedConfig } from './load.ts';
import { type FileIo, nodeIo } from '../yaml/file-io.ts';
import type { FileProblem } from '../yaml/problem.ts';
import { readFailure } from '../yaml/read-text.ts';

/**
 * The policy files to load: `policy.files` as they are listed, or what `policy_dir` holds now, so a reload sees
 * files that came and went. A directory that cannot be listed or has no policy in it is a problem: Ballast would
 * run without the policies that the operator meant.
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
