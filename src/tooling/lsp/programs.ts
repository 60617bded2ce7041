import { basename, dirname, join, resolve } from 'node:path';
import type { PolicySource } from '../../policy/index.ts';

/** What the server reads from a disk. */
export interface Files {
  /** A policy; rejects when it cannot be read. */
  read(path: string): Promise<PolicySource>;
  /** Names in a directory; rejects with a Node system error. */
  list(path: string): Promise<readonly string[]>;
}

/** Lists of files that form one program each, in the order of their evaluation. Absolute paths. */
export type Programs = readonly (readonly string[])[];

/** MOM evaluates such files of one directory together, in their order. */
const NUMBERED = /^[0-9]+[-_.].*\.(?:policy|rules)$/;

/**
 * The files that form a program with this one: those of the first list that names it, else the numbered files of its
 * directory (`00-settings.policy`, `50-balloon.rules`) if it is one of them, else it alone.
 */
export async function programOf(path: string, lists: Programs, files: Files): Promise<readonly string[]> {
  const listed = lists.find((list) => list.includes(path));
  if (listed) return listed;
  if (!NUMBERED.test(basename(path))) return [path];
  const directory = dirname(path);
  const names = await files.list(directory).catch(() => []);
  // A new file is in the editor before it is on the disk.
  return [...new Set([...names, basename(path)])]
    .filter((name) => NUMBERED.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** The setting `ballast.programs`: lists of paths, relative ones from each folder of the workspace. What is none of that is left out. */
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
