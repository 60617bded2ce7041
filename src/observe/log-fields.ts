import type { GuestRef, SourcePosition } from '../model/control.ts';

/** A position in a policy as text, `FILE:LINE:COLUMN`. */
export function positionText(position: SourcePosition | null): string {
  return position === null ? 'the policy' : `${position.file}:${position.line}:${position.column}`;
}

/** The log field for a position in a policy. */
export function positionField(position: SourcePosition | null) {
  return position === null ? {} : { position: positionText(position) };
}

/** The log fields for a guest. */
export function guestField(guest: GuestRef | null) {
  return guest === null ? {} : { guest: guest.name, uuid: guest.uuid };
}
