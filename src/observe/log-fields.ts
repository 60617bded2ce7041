import type { GuestRef, SourcePosition } from '../model/control.ts';

/** A place in a policy as people read it, `FILE:LINE:COLUMN`. */
export function positionText(position: SourcePosition | null): string {
  return position === null ? 'the policy' : `${position.file}:${position.line}:${position.column}`;
}

/** The field of a log line that names a place in a policy. */
export function positionField(position: SourcePosition | null) {
  return position === null ? {} : { position: positionText(position) };
}

/** The fields of a log line that name a guest. */
export function guestField(guest: GuestRef | null) {
  return guest === null ? {} : { guest: guest.name, uuid: guest.uuid };
}

/** The words without their numbers: "42 s old" and "47 s old" are the same condition. */
export function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '#');
}
