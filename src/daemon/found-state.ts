import type { ControlValue } from '../model/control.ts';
import { unreadable, unwritable } from '../model/file-errors.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { waitAtMost } from '../support/deadline.ts';
import { FoundValues } from './found-values.ts';
import type { ReadState, StateFile } from './state.ts';

/** How long one read or write of the file may take, milliseconds: a hanging disk must not stop the daemon. */
const FILE_MS = 1000;

/**
 * What was found at first, kept in the state file, so that a restore after a crash restores that. Failures of the file are
 * logged once; the daemon goes on without it.
 */
export class FoundState {
  readonly values = new FoundValues();
  /** null: a dry run changes nothing, so it has nothing to keep. */
  readonly #file: Pick<StateFile, keyof StateFile> | null;
  readonly #log: ReturnType<LoggerOf>;
  #savedChanges = 0;
  /** Failures that were logged and persist. */
  readonly #failing = new Set<string>();
  /** A write that has not ended: another one must not overtake it. */
  #hanging: Promise<unknown> | null = null;

  constructor(file: Pick<StateFile, keyof StateFile> | null, log: ReturnType<LoggerOf>) {
    this.#file = file;
    this.#log = log;
  }

  /** Takes over what an earlier Ballast found and did not restore. Called once, before the first interval. */
  async adopt(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    let read: ReadState = { kind: 'none' };
    const failure = `Cannot read what an earlier Ballast found, from ${file.path}`;
    const work = async () => {
      read = await file.read();
    };
    const inTime = await this.#attempt(failure, work, unreadable);
    // What comes too late must not replace what was found meanwhile.
    if (inTime) this.#takeOver(read, file.path);
  }

  #takeOver(read: ReadState, path: string): void {
    if (read.kind === 'void') this.#log.warn({ file: path }, `The state file ${path} is not used: ${read.why}`);
    if (read.kind !== 'state') return;
    this.values.adopt(read.state);
    const [controls, guests] = [Object.keys(read.state.host).length, read.state.guests.length];
    this.#log.info(
      { file: path, controls, guests, ended: read.dropped },
      `Took over what an earlier Ballast found at first: ${controls} KSM settings and the balloons of ${guests} ${guests === 1 ? 'guest' : 'guests'}`,
    );
  }

  /** Remembers the first values, and saves them if there are new ones. Called before any write. */
  async observe(present: readonly ControlValue[], input: PolicyInput): Promise<void> {
    this.values.observe(present, input);
    const { changes } = this.values;
    const file = this.#file;
    if (file === null || changes === this.#savedChanges || this.#hanging !== null) return;
    const failure = `Cannot save what was found at first to ${file.path}: after a crash it cannot be restored`;
    if (!(await this.#attempt(failure, () => file.write(this.values.state)))) return;
    this.#savedChanges = changes;
    if (this.#failing.delete(failure))
      this.#log.info({ file: file.path }, `What was found at first is saved again, to ${file.path}`);
  }

  /** Removes the file: everything is as it was found. */
  async end(): Promise<void> {
    const file = this.#file;
    if (file === null || this.#hanging !== null) return;
    await this.#attempt(`Cannot remove the state file ${file.path}`, () => file.remove());
  }

  async #attempt(failure: string, work: () => Promise<void>, reasonOf = unwritable): Promise<boolean> {
    const working = work();
    let why: string;
    try {
      const waited = await waitAtMost(working, { ms: FILE_MS });
      if (waited.ended) return true;
      why = `no answer within ${FILE_MS} ms`;
      this.#hanging = working.catch(() => undefined).finally(() => (this.#hanging = null));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      why = reasonOf(error) ?? error.message;
    }
    if (!this.#failing.has(failure)) this.#log.error(`${failure}: ${why}`);
    this.#failing.add(failure);
    return false;
  }
}
