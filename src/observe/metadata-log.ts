import type { Logger } from 'pino';
import type { GuestRef } from '../model/control.ts';
import { safeGuestName } from '../model/guest-name.ts';
import { guestField } from './log-fields.ts';
import { withoutNumbers } from '../model/text.ts';

/** Guests whose messages are remembered: far more than a host has, but a bound for a daemon that sees new ones for years. */
const MAX_REMEMBERED = 20_000;

/** Logs once for each guest what its metadata may not say, and again when that has changed. */
export class MetadataLog {
  readonly #log: Logger;
  /** By uuid, without numbers: a plugged DIMM changes the figures, but not the condition. */
  readonly #told = new Map<string, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param cut what was cut, in words; empty: nothing */
  note(guest: GuestRef, cut: readonly string[]): void {
    const condition = cut.map(withoutNumbers).join('; ');
    if ((this.#told.get(guest.uuid) ?? '') === condition) return;
    if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
    if (condition === '') this.#told.delete(guest.uuid);
    else this.#told.set(guest.uuid, condition);
    for (const what of cut) this.#log.warn(guestField(guest), `guest:${safeGuestName(guest.name)} ${what}`);
  }
}
