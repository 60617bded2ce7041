import type { Action, Held, Outcome } from '../model/decision.ts';
import type { FieldValue } from '../model/field.ts';
import { isSameRun } from '../model/guest-run.ts';
import type { PolicyInput, Props } from '../model/snapshot.ts';

const BALLOON_TARGET = 'balloon_target';

/** The last write to the balloon of a guest. */
interface LastWrite {
  readonly action: Action;
  readonly status: Outcome['status'];
  /** The time of the snapshot that it was decided on, milliseconds since the epoch. */
  readonly atMs: number;
}

/** What policies can read of Ballast's own writes to a guest, by field. */
export type WriteFields = Readonly<Record<string, FieldValue>>;

const NOTHING: WriteFields = { last_target: null, last_target_age: null, last_outcome: null, held_by: null };

/** The last target of each balloon, how that ended, and what held back the last request. Not kept over a restart of Ballast. */
export class BalloonWrites {
  readonly #writes = new Map<string, LastWrite>();
  /** Who held back the request of the last evaluation, by the guest's uuid. */
  #holders: ReadonlyMap<string, string> = new Map();
  readonly #runs = new Map<string, Props>();
  #nowMs = 0;

  /** Forgets what was written to guests that have started anew, or are gone. */
  observe({ timeMs, guests }: PolicyInput, isKnown: (uuid: string) => boolean): void {
    this.#nowMs = timeMs;
    for (const { uuid, props } of guests) {
      const before = this.#runs.get(uuid);
      if (before !== undefined && !isSameRun(before, props)) this.#writes.delete(uuid);
      this.#runs.set(uuid, props);
    }
    if (this.#runs.size <= guests.length) return;
    for (const uuid of this.#runs.keys()) {
      if (isKnown(uuid)) continue;
      this.#runs.delete(uuid);
      this.#writes.delete(uuid);
    }
  }

  /** Notes what became of writes. One whose outcome was unknown can come again when it is known. */
  written(outcomes: readonly Outcome[]): void {
    for (const { action, status } of outcomes) {
      const { control, guest } = action;
      if (control !== BALLOON_TARGET || guest === null || status === 'held' || status === 'dry-run') continue;
      const before = this.#writes.get(guest.uuid);
      const atMs = before?.action === action ? before.atMs : this.#nowMs;
      this.#writes.set(guest.uuid, { action, status, atMs });
    }
  }

  /** Notes what was held back of the requests of an evaluation: by the plan, or right before the write. */
  held(all: readonly Held[], outcomes: readonly Outcome[]): void {
    const holders = new Map<string, string>();
    const note = ({ control, guest, guard, controller }: Held | Action): void => {
      if (control === BALLOON_TARGET && guest !== null) holders.set(guest.uuid, guard ?? controller);
    };
    for (const each of all) if (each.kind === 'held') note(each);
    for (const { action, status } of outcomes) if (status === 'held') note(action);
    this.#holders = holders;
  }

  fields(uuid: string, nowMs: number): WriteFields {
    const write = this.#writes.get(uuid);
    const holder = this.#holders.get(uuid) ?? null;
    if (write === undefined) return holder === null ? NOTHING : { ...NOTHING, held_by: holder };
    const { action, status, atMs } = write;
    return {
      last_target: typeof action.to === 'number' ? action.to : null,
      last_target_age: Math.max(0, nowMs - atMs) / 1000,
      last_outcome: status,
      held_by: holder,
    };
  }
}
