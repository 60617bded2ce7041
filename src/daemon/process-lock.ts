import { link, lstat, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseProcessStat } from '../host/process-stat.ts';
import { makeDirectory } from '../support/make-directory.ts';

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** What it does, as it says itself: `ballast run`. */
  readonly what: string;
  /** Its lock file. */
  readonly path: string;
}

export type Taken =
  | { readonly kind: 'held'; readonly path: string; readonly release: () => Promise<void> }
  | { readonly kind: 'taken'; readonly by: Holder };

/** How often two that start at the same moment try again, and the longest pause between, milliseconds. */
const TRIES = 20;
const LONGEST_PAUSE_MS = 60;

/** What is read of another process's file, characters. */
const MAX_WHAT = 100;

/**
 * Takes a lock that only one running process can hold. Each process has a file of its own, `KEY-PID-START.lock`: it creates it as a
 * `.claim` first, then looks for those of others. Of two, the later one sees the file of the earlier one, whatever the timing. A file
 * counts only while its process runs, so that one left by SIGKILL blocks nobody, and since no two processes have the same name,
 * removing it cannot hit another one.
 * @param key without `-`; it is a part of a file name
 * @throws a Node file system error with its `code` when the directory cannot be used
 */
export async function takeLock(directory: string, key: string, what: string): Promise<Taken> {
  const own = join(directory, `${key}-${await identity()}`);
  const [claim, lock] = [`${own}.claim`, `${own}.lock`];
  for (let tries = 1; ; tries++) {
    await writeFile(claim, what, { flag: 'wx', mode: 0o644 });
    try {
      const others = (await filesOf(directory, key)).filter(({ path }) => path !== claim);
      const holder = others.find(({ isClaim }) => !isClaim) ?? (tries < TRIES ? null : others[0]);
      if (holder) return { kind: 'taken', by: await holderOf(holder) };
      if (others.length === 0) {
        // Not renamed: a list that is read meanwhile could have neither name.
        await link(claim, lock);
        return { kind: 'held', path: lock, release: () => unlink(lock).catch(() => undefined) };
      }
    } finally {
      await unlink(claim).catch(() => undefined);
    }
    await sleep(Math.random() * LONGEST_PAUSE_MS);
  }
}

/** Who holds the lock now; null: nobody, or the directory cannot be read. */
export async function lockHolder(directory: string, key: string): Promise<Holder | null> {
  const files = await filesOf(directory, key).catch(() => []);
  const found = files.find(({ isClaim }) => !isClaim);
  return found === undefined ? null : holderOf(found);
}

/**
 * The first of these directories that belongs to this user and is not writable for others: in another one, anybody could hold a
 * lock.
 * @param makes whether to create missing ones
 */
export async function usableDirectory(candidates: readonly string[], makes: boolean): Promise<string | null> {
  for (const path of candidates) {
    if (makes) await makeDirectory(path);
    const found = await lstat(path).catch(() => null);
    const isOwn =
      found !== null && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
    if (isOwn) return path;
  }
  return null;
}

interface LockFile {
  readonly path: string;
  readonly pid: number;
  readonly isClaim: boolean;
}

/** The files of running processes; removes those of others. */
async function filesOf(directory: string, key: string): Promise<readonly LockFile[]> {
  const files: LockFile[] = [];
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${key}-`)) continue;
    const parts = /^(\d{1,10})-(\d{1,20})\.(claim|lock)$/.exec(name.slice(key.length + 1));
    if (parts === null) continue;
    const [, pid = '', start, kind] = parts;
    const path = join(directory, name);
    if ((await startOf(pid)) === start) files.push({ path, pid: Number(pid), isClaim: kind === 'claim' });
    else await unlink(path).catch(() => undefined);
  }
  return files;
}

async function holderOf({ path, pid }: LockFile): Promise<Holder> {
  const what = await readFile(path, 'utf8').catch(() => '');
  return { pid, path, what: what.slice(0, MAX_WHAT) || 'ballast' };
}

/**
 * `PID-START` of this process. Without the id of the boot: in a container the service and a shell can see different ones (systemd-nspawn
 * mounts its own over /proc, and a unit with ProtectKernelTunables does not see that), and each would remove the file of the other.
 */
async function identity(): Promise<string> {
  const [pid] = (await readFile('/proc/self/stat', 'utf8')).split(' ', 1);
  return `${pid}-${await startOf(pid!)}`;
}

/** When a process started; null when there is none, or only what its parent has not collected yet. */
async function startOf(pid: string): Promise<string | null> {
  const path = `/proc/${pid}/stat`;
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null || /^\) [ZX]/.test(text.slice(text.lastIndexOf(')')))) return null;
  return String(parseProcessStat(path, text).startTicks);
}
