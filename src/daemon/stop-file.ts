import { lstat } from 'node:fs/promises';
import type { LoggerOf } from '../observe/log/logger.ts';
import { waitAtMost } from '../support/deadline.ts';
import { OneAtATime } from '../support/one-at-a-time.ts';

/** How long one look may take, milliseconds; then the last answer counts. */
const LOOK_MS = 1000;

/** The kill switch: a file whose presence stops all writes at once. */
export class StopFile {
  readonly #path: string;
  readonly #log: ReturnType<LoggerOf>;
  #isThere = false;
  /** While its file system hangs, other looks would, too. */
  readonly #looks = new OneAtATime<boolean>(LOOK_MS);

  constructor(path: string, log: ReturnType<LoggerOf>) {
    this.#path = path;
    this.#log = log;
  }

  /** What the last look found. */
  get lastReason(): string | null {
    return this.#isThere ? reasonOf(this.#path) : null;
  }

  /**
   * Looks now.
   * @param isDryRun nothing is written without the file either
   * @returns why nothing may be written; null: it may
   */
  async reason(isDryRun = false): Promise<string | null> {
    const path = this.#path;
    const isNowThere = (await this.#looks.look(() => isThere(path)))?.found ?? this.#isThere;
    if (isNowThere && !this.#isThere)
      this.#log.warn({ stop_file: path }, `STOPPED: ${path} is there: nothing is written until it is removed`);
    if (!isNowThere && this.#isThere)
      this.#log.warn(
        { stop_file: path },
        `No longer stopped: ${path} is gone${isDryRun ? '' : '; Ballast writes again'}`,
      );
    this.#isThere = isNowThere;
    return isNowThere ? reasonOf(path) : null;
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
