import { lstat } from 'node:fs/promises';
import type { LoggerOf } from '../observe/log/logger.ts';
import { waitAtMost } from '../support/deadline.ts';

/** How long one look may take, milliseconds; then the last answer counts. */
const LOOK_MS = 1000;

/** The kill switch: a file whose presence stops all writes at once. */
export class StopFile {
  readonly #path: string;
  readonly #log: ReturnType<LoggerOf>;
  #isThere = false;
  /** A look that has not ended: its file system hangs, and others would, too. */
  #hanging: Promise<void> | null = null;

  constructor(path: string, log: ReturnType<LoggerOf>) {
    this.#path = path;
    this.#log = log;
  }

  /** Looks now. @returns why nothing may be written; null: it may */
  async reason(): Promise<string | null> {
    const path = this.#path;
    const isNowThere = this.#hanging === null ? await this.#look(path) : this.#isThere;
    if (isNowThere && !this.#isThere)
      this.#log.warn({ stop_file: path }, `STOPPED: ${path} is there: nothing is written until it is removed`);
    if (!isNowThere && this.#isThere)
      this.#log.warn({ stop_file: path }, `No longer stopped: ${path} is gone; Ballast writes again`);
    this.#isThere = isNowThere;
    return isNowThere ? reasonOf(path) : null;
  }

  async #look(path: string): Promise<boolean> {
    const looking = isThere(path);
    const looked = await waitAtMost(looking, { ms: LOOK_MS });
    if (looked.ended) return looked.value;
    this.#hanging = looking.then(() => {
      this.#hanging = null;
    });
    return this.#isThere;
  }
}

/** Looks without a log. @returns why nothing may be written; null: it may */
export async function stopReason(path: string): Promise<string | null> {
  const looked = await waitAtMost(isThere(path), { ms: LOOK_MS });
  return looked.ended && looked.value ? reasonOf(path) : null;
}

function reasonOf(path: string): string {
  return `the stop file ${path} is there`;
}

/** A file that cannot be looked at counts as there: somebody wants to stop Ballast. Missing folders are no file. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
