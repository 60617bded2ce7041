import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseProcessStat } from '../host/process-stat.ts';
import { makeDirectory } from '../support/make-directory.ts';
import { readLimited } from '../support/read-limited.ts';
import { replaceOwnFile } from '../support/replace-file.ts';
import type { Notice } from './guest-record.ts';

/**
 * Notes which guests have a statistics period that a Ballast has set, by run of the guest: for the next start after a
 * crash, and for other Ballasts on this host. The last one that stops resets a period.
 */
export interface PeriodLedger {
  /** Whether this or another Ballast, running or not, has set the period of this guest. */
  has(key: string): Promise<boolean>;
  add(key: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes the keys. @returns those that another Ballast still needs */
  release(keys: readonly string[]): Promise<ReadonlySet<string>>;
}

const PREFIX = 'stats-periods-';

/** More bytes, or more files, are not read: nobody but Ballast writes them. */
const MAX_BYTES = 4_194_304;
const MAX_FILES = 64;

/** How long the files of others are not read again, milliseconds. */
const FRESH_MS = 1000;

/**
 * A ledger of one file for each Ballast: `stats-periods-PID-START.json`. A file whose process has ended is taken over.
 * Without the directory everything works except after a crash, and next to another Ballast.
 */
export class FileLedger implements PeriodLedger {
  readonly #directory: string | null;
  readonly #monotonic: () => number;
  readonly #notice: Notice;
  readonly #own = new Set<string>();
  #others: { readonly keys: ReadonlySet<string>; readonly readMs: number } | null = null;
  #name: Promise<string> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isQueued = false;
  #failed = false;

  constructor(directory: string | null, monotonic: () => number, notice: Notice) {
    this.#directory = directory;
    this.#monotonic = monotonic;
    this.#notice = notice;
  }

  async has(key: string): Promise<boolean> {
    const { keys } = await this.#readOthers();
    return this.#own.has(key) || keys.has(key);
  }

  async add(key: string): Promise<void> {
    if (this.#own.has(key)) return;
    this.#own.add(key);
    await this.#write();
  }

  async remove(key: string): Promise<void> {
    if (this.#own.delete(key)) await this.#write();
  }

  async release(keys: readonly string[]): Promise<ReadonlySet<string>> {
    for (const key of keys) this.#own.delete(key);
    await this.#write();
    this.#others = null;
    return (await this.#readOthers()).keys;
  }

  /** The keys of all Ballasts that run. Those of a Ballast that has ended become this one's. */
  async #readOthers(): Promise<{ readonly keys: ReadonlySet<string> }> {
    if (this.#others !== null && this.#monotonic() - this.#others.readMs < FRESH_MS) return this.#others;
    const keys = new Set<string>();
    this.#others = { keys, readMs: this.#monotonic() };
    const directory = this.#directory;
    if (directory === null) return this.#others;
    const own = await this.#ownName();
    const names = await readdir(directory).catch(() => []);
    const files = names.filter((name) => name.startsWith(PREFIX) && name.endsWith('.json') && name !== own);
    const ended: string[] = [];
    for (const name of files.slice(0, MAX_FILES)) {
      const noted = await keysIn(join(directory, name));
      const [pid, start] = name.slice(PREFIX.length, -'.json'.length).split('-');
      const isRunning = (await startOf(pid ?? '')) === start;
      for (const key of noted) (isRunning ? keys : this.#own).add(key);
      if (!isRunning) ended.push(name);
    }
    if (ended.length === 0) return this.#others;
    await this.#write();
    if (!this.#failed) for (const name of ended) await unlink(join(directory, name)).catch(() => undefined);
    return this.#others;
  }

  /** Writes the current keys; calls that wait for the same write share it. */
  #write(): Promise<void> {
    if (this.#isQueued) return this.#writing;
    this.#isQueued = true;
    this.#writing = this.#writing.then(async () => {
      this.#isQueued = false;
      await this.#replaceFile();
    });
    return this.#writing;
  }

  async #replaceFile(): Promise<void> {
    const directory = this.#directory;
    if (directory === null) return;
    try {
      const path = join(directory, await this.#ownName());
      if (this.#own.size === 0) {
        await unlink(path).catch(() => undefined);
        return;
      }
      await makeDirectory(directory);
      await replaceOwnFile(path, JSON.stringify([...this.#own]), 0o644);
    } catch (error) {
      if (!this.#failed)
        this.#notice(
          null,
          `Cannot note in ${directory} whose statistics period was set (${(error as Error).message}): after a crash of Ballast these periods stay`,
        );
      this.#failed = true;
    }
  }

  #ownName(): Promise<string> {
    this.#name ??= (async () => {
      const [pid] = (await readFile('/proc/self/stat', 'utf8')).split(' ', 1);
      return `${PREFIX}${pid}-${await startOf(pid!)}.json`;
    })();
    return this.#name;
  }
}

async function keysIn(path: string): Promise<readonly string[]> {
  try {
    const bytes = await readLimited(path, MAX_BYTES + 1, false);
    const keys: unknown = bytes.length > MAX_BYTES ? [] : JSON.parse(bytes.toString());
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
  } catch {
    // Removed in between, or damaged: as if nothing had been noted.
    return [];
  }
}

/** When a process started; null when there is none. */
async function startOf(pid: string): Promise<string | null> {
  if (!/^\d{1,10}$/.test(pid)) return null;
  const path = `/proc/${pid}/stat`;
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : String(parseProcessStat(path, text).startTicks);
}
