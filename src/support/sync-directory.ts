import { open } from 'node:fs/promises';

/** Makes a rename in this directory survive a power failure. Some file systems cannot; that is no error. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null);
  if (directory === null) return;
  try {
    await directory.sync().catch(() => undefined);
  } finally {
    await directory.close();
  }
}
