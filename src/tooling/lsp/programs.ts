import { basename, dirname, join, resolve } from 'node:path';
import type { PolicySource } from '../../policy/index.ts';

/** File access of the server. */
export interface Files {
  /** Reads a policy; rejects if it cannot be read. */
  read(path: string): Promise<PolicySource>;
  /** Names in a directory; rejects with a Node system error. */
  list(path: string): Promise<readonly string[]>;
}

/** Lists of files, each a program in evaluation order. Absolute paths. */
export type Programs = readonly (readonly string[])[];

/** MOM evaluates such files of a directory together, in order. */
const NUMBERED = /^[0-9]+[-_.].*\.(?:policy|rules)$/;

/**
 * The files of the program that contains this file: the first list that names it; otherwise the numbered files of its
 * directory (`00-settings.policy`, `50-balloon.rules`) if it is one of them; otherwise the file alone.
 */
export async function programOf(path: string, lists: Programs, files: Files): Promise<readonly string[]> {
  const listed = lists.find((list) => list.includes(path));
  if (listed) return listed;
  if (!NUMBERED.test(basename(path))) return [path];
  const directory = dirname(path);
  const names = await files.list(directory).catch(() => []);
  // A new file is in the editor before it is saved.
  return [...new Set([...names, basename(path)])]
    .filter((name) => NUMBERED.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** Reads the setting `ballast.programs`: lists of paths, relative to each workspace folder. Invalid entries are ignored. */
export function programsFrom(setting: unknown, folders: readonly string[]): Programs {
  if (!Array.isArray(setting)) return [];
  const lists = setting.map((list: unknown) =>
    Array.isArray(list) ? list.filter((path): path is string => typeof path === 'string') : [],
  );
  const bases = folders.length > 0 ? folders : ['/'];
  return lists
    .filter((list) => list.length > 0)
    .flatMap((list) => bases.map((folder) => list.map((path) => resolve(folder, path))));
}
