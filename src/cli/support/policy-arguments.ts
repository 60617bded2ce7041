import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from '../../model/file-errors.ts';
import { onceEach, policiesAmong } from '../../config/policy-files.ts';
import type { PolicySource } from '../../policy/index.ts';

/** The policies that the arguments name: files, and the `*.policy` and `*.rules` files of directories. None twice. */
export async function readPolicies(
  paths: readonly string[],
): Promise<{ readonly sources: readonly PolicySource[]; readonly problems: readonly string[] }> {
  const sources: PolicySource[] = [];
  const { files, problems: unknown } = await policyPaths(paths);
  const problems = [...unknown];
  for (const file of files) {
    const text = await readPolicy(file);
    if (text === null) problems.push(`${file} is not UTF-8: convert it first`);
    else if (typeof text === 'string') sources.push({ file, text });
    else problems.push(text.problem);
  }
  return { sources, problems };
}

/** Their paths, not read yet. */
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
    const found = await stat(path);
    if (!found.isDirectory()) return [path];
    const names = policiesAmong(await readdir(path));
    return names.length > 0 ? names.map((name) => join(path, name)) : `${path} has no *.policy or *.rules file`;
  } catch (error) {
    return cannotRead(path, error);
  }
}

/** null when it is not UTF-8: what is read leniently and written back would not be what it was. */
async function readPolicy(file: string): Promise<string | null | { readonly problem: string }> {
  let bytes: Uint8Array;
  try {
    const found = await stat(file);
    // A pipe among the files of a directory would be waited for without end.
    if (!found.isFile() && !found.isDirectory()) return { problem: `${file} is neither a file nor a directory` };
    bytes = await readFile(file);
  } catch (error) {
    return { problem: cannotRead(file, error) };
  }
  return decodeUtf8(bytes);
}

function cannotRead(path: string, error: unknown): string {
  const why = unreadable(error);
  if (why === null) throw error;
  return `${path} cannot be read: ${why}`;
}

/** null when the bytes are no UTF-8. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
