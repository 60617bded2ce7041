import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unreadablePolicy } from './read.ts';

/** Resolves command line paths to policy files: files as given, and the `*.policy` and `*.rules` files of directories, without duplicates. */
export async function policyPaths(
  paths: readonly string[],
): Promise<{ readonly files: readonly string[]; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const files: string[] = [];
  for (const path of paths) {
    const named = await filesAt(path);
    if (typeof named === 'string') problems.push(named);
    else files.push(...named);
  }
  return { files: onceEach(files), problems };
}

async function filesAt(path: string): Promise<readonly string[] | string> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = policiesAmong(await readdir(path));
    return names.length > 0 ? names.map((name) => join(path, name)) : `${path} has no *.policy or *.rules file`;
  } catch (error) {
    return unreadablePolicy(path, error);
  }
}

/** Removes duplicates by resolved path; the first occurrence stays. */
export function onceEach(files: readonly string[]): readonly string[] {
  const paths = files.map((file) => resolve(file));
  return files.filter((_file, at) => paths.indexOf(paths[at] as string) === at);
}

/** The policy files among the names in a directory, sorted. Hidden files are excluded. */
export function policiesAmong(names: readonly string[]): readonly string[] {
  return names.filter((name) => /^[^.].*\.(?:policy|rules)$/.test(name)).sort();
}
