import type { ControlValue, GuestRef, PlainScalar } from '../model/control.ts';
import type { Outcome } from '../model/decision.ts';
import { isSameRun } from '../model/guest-run.ts';
import type { PolicyInput, Props } from '../model/snapshot.ts';
import { has, valueKey } from './control-values.ts';
import type { State, StateGuest } from './state.ts';

/** A guest that was absent for this time is dropped, milliseconds. */
const EXPIRES_AFTER_MS = 86_400_000;

/** Outcomes after which the control surely has the value that it had before. */
const WITHOUT_EFFECT: ReadonlySet<Outcome['status']> = new Set(['refused', 'held', 'gone', 'dry-run']);

interface FoundGuest {
  readonly guest: GuestRef;
  /** A guest that was started anew has a new balloon. */
  readonly run: Props;
  /** Whether it was found by an earlier Ballast, which did not restore it. */
  readonly isAdopted: boolean;
  readonly values: ReadonlyMap<string, PlainScalar>;
  seenMs: number;
}

/** What was found at first, of the host and of each run of a guest; and the writes that guests have not followed yet. */
export class FoundValues {
  readonly #host = new Map<string, PlainScalar>();
  readonly #guests = new Map<string, FoundGuest>();
  /** By UUID: guests of the state file that were not seen yet. */
  readonly #noted = new Map<string, StateGuest>();
  readonly #pending = new Map<string, ControlValue>();
  #changes = 0;

  /** Takes over what an earlier Ballast has found. @param timeMs now */
  adopt({ host, guests }: Pick<State, 'host' | 'guests'>): void {
    for (const [control, value] of Object.entries(host)) this.#host.set(control, value);
    for (const guest of guests) this.#noted.set(guest.uuid, guest);
    this.#changes += 1;
  }

  /** Counts the changes of what was found, so that only these are saved. */
  get changes(): number {
    return this.#changes;
  }

  /** Remembers the first values. Called with each input, before any write. @param present the values of all controls now */
  observe(present: readonly ControlValue[], { guests, timeMs }: PolicyInput): void {
    const ofGuests = new Map<string, Map<string, PlainScalar>>();
    for (const value of present) {
      const { control, guest } = value;
      const pending = this.#pending.get(valueKey(value));
      if (pending !== undefined && has(pending, value.value)) this.#pending.delete(valueKey(value));
      if (guest !== null) {
        const own = ofGuests.get(guest.uuid) ?? new Map<string, PlainScalar>();
        ofGuests.set(guest.uuid, own.set(control, value.value));
      } else if (!this.#host.has(control)) {
        this.#host.set(control, value.value);
        this.#changes += 1;
      }
    }
    for (const { name, uuid, props } of guests) {
      const values = ofGuests.get(uuid);
      const known = this.#guests.get(uuid);
      if (values !== undefined) this.#observeGuest({ name, uuid }, props, values, timeMs);
      else if (known !== undefined) known.seenMs = timeMs;
    }
    this.#dropExpired(timeMs);
  }

  /** Remembers what was written, until the controls have these values. */
  written(outcomes: readonly Outcome[]): void {
    for (const { action, status } of outcomes) {
      const { control, guest, to: value } = action;
      // No control of Ballast takes a list.
      if (typeof value === 'object' && value !== null) continue;
      if (!WITHOUT_EFFECT.has(status)) this.#pending.set(valueKey(action), { control, guest, value });
    }
  }

  /** Writes whose values were not seen since. */
  get pending(): readonly ControlValue[] {
    return [...this.#pending.values()];
  }

  /** All values, also of guests that are absent now and of those in the state file that were not seen yet. */
  get all(): readonly ControlValue[] {
    const ofHost = [...this.#host].map(([control, value]) => ({ control, guest: null, value }));
    const ofGuests = [...this.#guests.values()].flatMap(({ guest, values }) =>
      [...values].map(([control, value]) => ({ control, guest, value })),
    );
    const notSeen = [...this.#noted.values()].flatMap(({ name, uuid, values }) =>
      Object.entries(values).map(([control, value]) => ({ control, guest: { name, uuid }, value })),
    );
    return [...ofHost, ...ofGuests, ...notSeen];
  }

  /** What was found of one guest; null: nothing. */
  of(uuid: string): { readonly isAdopted: boolean; readonly values: ReadonlyMap<string, PlainScalar> } | null {
    return this.#guests.get(uuid) ?? null;
  }

  /** What a later Ballast needs. */
  get state(): Pick<State, 'host' | 'guests'> {
    const guests = [...this.#guests.values()].map(({ guest, run, values }): StateGuest => ({
      ...guest,
      ...runOf(run),
      values: Object.fromEntries(values),
    }));
    return { host: Object.fromEntries(this.#host), guests: [...guests, ...this.#noted.values()] };
  }

  #observeGuest(guest: GuestRef, run: Props, values: ReadonlyMap<string, PlainScalar>, seenMs: number): void {
    const known = this.#guests.get(guest.uuid);
    const isKnown = known !== undefined && isSameRun(known.run, run);
    if (isKnown && (known.run['started'] ?? null) === (run['started'] ?? null)) {
      known.seenMs = seenMs;
      return;
    }
    // New, or its process was found only now.
    if (!isKnown) for (const control of values.keys()) this.#pending.delete(valueKey({ control, guest }));
    const noted = this.#noted.get(guest.uuid);
    this.#noted.delete(guest.uuid);
    const first = isKnown ? known.values : values;
    if (noted !== undefined && isNotedRun(noted, run))
      this.#put({ guest, run, seenMs, isAdopted: true, values: new Map([...first, ...Object.entries(noted.values)]) });
    else this.#put({ guest, run, seenMs, isAdopted: isKnown && known.isAdopted, values: first });
  }

  #put(found: FoundGuest): void {
    this.#guests.set(found.guest.uuid, found);
    this.#changes += 1;
  }

  #dropExpired(timeMs: number): void {
    for (const [uuid, { guest, values, seenMs }] of this.#guests) {
      if (timeMs - seenMs <= EXPIRES_AFTER_MS) continue;
      this.#guests.delete(uuid);
      for (const control of values.keys()) this.#pending.delete(valueKey({ control, guest }));
      this.#changes += 1;
    }
  }
}

function runOf(run: Props): Pick<StateGuest, 'id' | 'pid' | 'started'> {
  const numberOf = (name: string): number | null => {
    const value = run[name];
    return typeof value === 'number' ? value : null;
  };
  return { id: numberOf('id'), pid: numberOf('pid'), started: numberOf('started') };
}

/** By its process: a libvirtd that was restarted numbers its guests anew. By libvirt's id only where processes are unknown. */
function isNotedRun(noted: StateGuest, run: Props): boolean {
  const { id, pid, started } = runOf(run);
  if (noted.started === null && started === null) return id !== null && noted.id === id;
  return noted.pid === pid && noted.started === started;
}
