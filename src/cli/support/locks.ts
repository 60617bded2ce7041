import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SetupError } from '../../compose/setup-error.ts';
import { directoriesOf, hostKey } from '../../config/directories.ts';
import type { Config } from '../../config/model.ts';
import { lockHolder, takeLock, usableDirectory, type Holder, type Taken } from '../../daemon/process-lock.ts';

/** A lock that this process holds; null: it could not be made, so nobody is kept out. */
export interface HeldLock {
  readonly release: () => Promise<void>;
  /** Why the lock is elsewhere than in the runtime directory, or there is none; null: it is there. */
  readonly warning: string | null;
}

/**
 * Makes this process the only Ballast that writes to this host and libvirt.
 * @throws SetupError when another one does
 */
export async function lockHost(
  config: Config,
  userRuntime: string | undefined,
  what: string,
  remedy = 'stop it first, or add --dry-run to watch beside it',
): Promise<HeldLock> {
  const { runtime } = directoriesOf(config, userRuntime);
  const directory = await lockDirectory(config, userRuntime, true);
  const nowhere = `Cannot make a lock in ${runtime}: a second Ballast on this host would not be noticed`;
  if (directory === null) return { release: async () => undefined, warning: nowhere };
  const taken = await tryLock(directory, keyOf(config), what);
  if (taken === null) return { release: async () => undefined, warning: nowhere };
  if (taken.kind === 'taken') throw new SetupError(`${told(taken.by)} already writes to this host; ${remedy}`);
  const warning =
    directory === runtime
      ? null
      : `Cannot use ${runtime}, which must belong to this user alone: the lock is in ${directory}, where other users do not look`;
  return { release: taken.release, warning };
}

/** Who writes to this host and libvirt now; null: nobody. */
export async function hostHolder(config: Config, userRuntime: string | undefined): Promise<Holder | null> {
  const directory = await lockDirectory(config, userRuntime, false);
  return directory === null ? null : lockHolder(directory, keyOf(config));
}

/**
 * Makes this process the only one that records to a file. A directory that cannot be written is no error here: the recording reports it.
 * @throws SetupError when another one does
 */
export async function lockRecording(path: string, what: string): Promise<() => Promise<void>> {
  const real = await realpath(path).catch(() => path);
  const taken = await tryLock(dirname(real), `.${basename(real)}.lock`, what);
  if (taken?.kind === 'taken')
    throw new SetupError(`cannot record to ${path}: ${told(taken.by)} already records to it; choose another file`);
  return taken?.release ?? (async () => undefined);
}

export function told({ pid, what }: Holder): string {
  return `${what} (process ${pid})`;
}

async function tryLock(directory: string, key: string, what: string): Promise<Taken | null> {
  try {
    return await takeLock(directory, key, what);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

function lockDirectory(config: Config, userRuntime: string | undefined, makes: boolean): Promise<string | null> {
  const { runtime } = directoriesOf(config, userRuntime);
  const own = userRuntime === undefined ? [] : [join(userRuntime, 'ballast')];
  return usableDirectory([runtime, ...own, `/tmp/ballast-${process.getuid?.() ?? 0}`], makes);
}

function keyOf(config: Config): string {
  return `run.${hostKey(config)}`;
}
