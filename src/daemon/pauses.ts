import type { Action } from '../model/decision.ts';
import { safeGuestName } from '../model/guest-name.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { waitAtMost } from '../support/deadline.ts';
import { unwritable } from '../model/file-errors.ts';
import type { Pause, Paused, PauseFile } from './pause-file.ts';

/** More pauses than this are refused. */
export const MOST_PAUSES = 4096;

/** How long saving may take, milliseconds; the pause is in effect before. */
const SAVE_MS = 1000;

/** Like the stop file, but for a part, with an end, and set through the control socket. Kept over a restart. */
export class Pauses {
  readonly #file: PauseFile;
  readonly #log: ReturnType<LoggerOf>;
  readonly #now: () => number;
  readonly #byKey = new Map<string, Pause>();
  #saving: Promise<void> = Promise.resolve();
  #adopted: Promise<void> | null = null;
  #isSaved = true;
  #version = 0;

  constructor(file: PauseFile, log: ReturnType<LoggerOf>, now: () => number) {
    this.#file = file;
    this.#log = log;
    this.#now = now;
  }

  /** Takes over the pauses of an earlier Ballast, once: before anything is paused or written. */
  adopt(): Promise<void> {
    return (this.#adopted ??= this.#read());
  }

  async #read(): Promise<void> {
    const file = this.#file;
    const read = await waitAtMost(file.read(), { ms: SAVE_MS });
    const found = read.ended ? read.value : `it could not be read within ${SAVE_MS} ms`;
    if (typeof found === 'string')
      return this.#log.error(`The pauses of an earlier Ballast are lost: ${file.path}: ${found}`);
    const nowMs = this.#now();
    for (const pause of found) {
      if (pause.untilMs !== null && pause.untilMs <= nowMs) continue;
      this.#byKey.set(keyOf(pause), pause);
      this.#log.warn(fieldsOf(pause), `Still PAUSED: ${pauseText(pause)}`);
    }
    this.#version += 1;
  }

  /** Changes with every pause that begins or ends. */
  get version(): number {
    this.endDue();
    return this.#version;
  }

  /** Oldest first. */
  get all(): readonly Pause[] {
    this.endDue();
    return [...this.#byKey.values()];
  }

  /** Whether all of them would survive a restart, as far as it is known. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Why an action must not be written; null: it may. */
  reason({ guest }: Pick<Action, 'guest'>): string | null {
    if (this.#byKey.size === 0) return null;
    this.endDue();
    const pause =
      this.#byKey.get('all') ??
      this.#byKey.get(guest === null ? 'ksm' : 'balloons') ??
      (guest === null ? undefined : this.#byKey.get(`guest ${guest.uuid}`));
    return pause === undefined ? null : pauseText(pause);
  }

  /**
   * Begins a pause, or changes the end of one. In effect when it returns; then waits until it is saved.
   * @returns false: there are too many
   */
  async add(pause: Pause): Promise<boolean> {
    const key = keyOf(pause);
    if (this.#byKey.size >= MOST_PAUSES && !this.#byKey.has(key)) return false;
    const since = this.#byKey.get(key)?.sinceMs ?? pause.sinceMs;
    const added = { ...pause, sinceMs: since };
    this.#byKey.set(key, added);
    this.#log.warn(fieldsOf(added), `PAUSED: ${pauseText(added)}; nothing is written there meanwhile`);
    await this.#save();
    return true;
  }

  /** Ends a pause. @returns false: there was none */
  async remove(paused: Paused, by: string): Promise<boolean> {
    const key = keyOf(paused);
    const pause = this.#byKey.get(key);
    if (pause === undefined) return false;
    this.#byKey.delete(key);
    this.#log.warn(fieldsOf(pause), `Resumed: ${subjectOf(pause)}, by ${by}; Ballast writes there again`);
    await this.#save();
    return true;
  }

  /**
   * Ends what is over by the clock, and says so in the log. The file keeps it until the next change, because several Ballasts may read one
   * file: a dry run beside the service must not write what it last read.
   */
  endDue(): void {
    const nowMs = this.#now();
    for (const [key, pause] of this.#byKey) {
      if (pause.untilMs === null || pause.untilMs > nowMs) continue;
      this.#byKey.delete(key);
      this.#log.warn(fieldsOf(pause), `Resumed: the pause of ${subjectOf(pause)} is over; Ballast writes there again`);
      this.#version += 1;
    }
  }

  /** Waits a short time for what is being saved. */
  async close(): Promise<void> {
    await waitAtMost(this.#saving, { ms: SAVE_MS });
  }

  async #save(): Promise<void> {
    this.#version += 1;
    const file = this.#file;
    this.#isSaved = false;
    const saving = this.#saving.then(async () => {
      try {
        await file.write([...this.#byKey.values()]);
        this.#isSaved = true;
      } catch (error) {
        const why = unwritable(error) ?? (error as Error).message;
        this.#log.error(`Cannot save the pauses to ${file.path}: ${why}; they are in effect, but lost with a restart`);
      }
    });
    this.#saving = saving;
    await waitAtMost(saving, { ms: SAVE_MS });
  }
}

function keyOf(paused: Paused): string {
  return paused.what === 'guest' ? `guest ${paused.guest.uuid}` : paused.what;
}

const SUBJECTS = { all: 'KSM and all balloons', ksm: 'KSM', balloons: 'all balloons' } as const;

function subjectOf(paused: Paused): string {
  return paused.what === 'guest' ? `the balloon of guest:${safeGuestName(paused.guest.name)}` : SUBJECTS[paused.what];
}

/** `the balloon of guest:web-1 is paused until …, by … since …`: why nothing is written, for holds, the log and `why`. */
export function pauseText(pause: Pause): string {
  const { sinceMs, untilMs, by, reason } = pause;
  const end = untilMs === null ? 'until resumed' : `until ${new Date(untilMs).toISOString()}`;
  const why = reason === null ? '' : ` (${reason})`;
  const verb = pause.what === 'all' || pause.what === 'balloons' ? 'are' : 'is';
  return `${subjectOf(pause)} ${verb} paused ${end}, by ${by} since ${new Date(sinceMs).toISOString()}${why}`;
}

function fieldsOf(pause: Pause): object {
  const { what, untilMs, by } = pause;
  const guest = pause.what === 'guest' ? { guest: pause.guest.name, uuid: pause.guest.uuid } : {};
  return { pause: what, ...guest, by, ...(untilMs !== null && { until: new Date(untilMs).toISOString() }) };
}
