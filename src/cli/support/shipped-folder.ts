import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a folder of the package may be: beside `dist` in the package, in a checkout beside `src`. */
export function shippedFolders(name: string): readonly string[] {
  return [1, 2, 3].map((levels) => join(import.meta.dirname, ...Array<string>(levels).fill('..'), name));
}

/** The folder of the package that has this file; null if it is missing. */
export async function shippedFolder(name: string, file: string): Promise<string | null> {
  for (const folder of shippedFolders(name)) if (await exists(join(folder, file))) return folder;
  return null;
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
