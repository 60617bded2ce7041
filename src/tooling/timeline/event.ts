import type { GuestRef, PolicyScalar, SourcePosition } from '../../model/control.ts';
import type { Held, Outcome } from '../../model/decision.ts';

/** A write, or a request that was held back, as one line of a timeline. Names as in the answers of the control sockets. */
export interface TimelineEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly kind: 'write' | 'held';
  readonly control: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  /** null: unknown; of a request that was held back: not asked. */
  readonly from: PolicyScalar;
  readonly to: PolicyScalar;
  /** KiB that the guest gained; null: not a balloon, or `from` is unknown. */
  readonly change_kib: number | null;
  /** policy, the name of a guard, or Ballast itself; of what was held back: who held it back. */
  readonly asked_by: string;
  readonly reason: string | null;
  readonly position: SourcePosition | null;
  readonly notes: readonly string[];
  /** What became of it; `held` is nothing. */
  readonly status: string;
  readonly detail: string | null;
}

/** What other guests gained while this one lost, or lost while it gained, in the same interval. */
export interface Meanwhile {
  readonly guests: number;
  readonly kib: number;
  /** Those with the largest changes. */
  readonly most: readonly { readonly name: string; readonly uuid: string; readonly kib: number }[];
}

export interface TimelineLine extends TimelineEvent {
  readonly meanwhile: Meanwhile | null;
}

/** The control of a guest's size. */
export const BALLOON_TARGET = 'balloon_target';

/** KiB that a guest gains by a write; null: not a balloon, or a size is unknown. */
export function changeOf(control: string, from: unknown, to: unknown): number | null {
  if (control !== BALLOON_TARGET || typeof from !== 'number' || typeof to !== 'number') return null;
  return Number.isFinite(to - from) ? to - from : null;
}

/** Of a recording, which may be old, damaged or made up: optional properties can be missing. */
export function eventOf(time: string, { action, status, detail }: Outcome): TimelineEvent {
  const { control, guest, from, to, reason, position, notes, guard } = action;
  // Not sent: as what a guard holds back.
  const isHeld = status === 'held';
  return {
    ...{ time, kind: isHeld ? 'held' : 'write', control, guest: refOf(guest) },
    ...{ from: isHeld ? null : from, to, change_kib: isHeld ? null : changeOf(control, from, to) },
    asked_by: isHeld ? 'Ballast' : typeof guard === 'string' ? guard : isMissing(position) ? 'Ballast' : 'policy',
    ...{ reason: reason ?? null, position: positionOf(position), notes: notesOf(notes) },
    ...{ status, detail: detail ?? null },
  };
}

export function heldEventOf(time: string, { control, guest, wanted, why, guard }: Held): TimelineEvent {
  return {
    ...{ time, kind: 'held', control, guest: refOf(guest), from: null, to: wanted, change_kib: null },
    ...{ asked_by: typeof guard === 'string' ? guard : 'Ballast', reason: null, position: null, notes: [] },
    ...{ status: 'held', detail: why },
  };
}

const MOST_NAMED = 3;

/** The events of one interval, each with what others gained or lost meanwhile. */
export function linesOf(events: readonly TimelineEvent[]): readonly TimelineLine[] {
  const gained = sumOf(events.filter((event) => isDone(event) && event.change_kib! > 0));
  const lost = sumOf(events.filter((event) => isDone(event) && event.change_kib! < 0));
  return events.map((event) => ({
    ...event,
    meanwhile: isDone(event) ? (event.change_kib! > 0 ? lost : event.change_kib! < 0 ? gained : null) : null,
  }));
}

function sumOf(events: readonly TimelineEvent[]): Meanwhile | null {
  if (events.length === 0) return null;
  const changes = events.map(({ guest, change_kib: kib }) => ({
    ...{ name: guest?.name ?? '', uuid: guest?.uuid ?? '', kib: kib! },
  }));
  return {
    guests: changes.length,
    kib: changes.reduce((sum, { kib }) => sum + kib, 0),
    most: changes.toSorted((one, other) => Math.abs(other.kib) - Math.abs(one.kib)).slice(0, MOST_NAMED),
  };
}

function isDone({ kind, status, change_kib: change }: TimelineEvent): boolean {
  return kind === 'write' && status === 'done' && change !== null;
}

function refOf(guest: GuestRef | null | undefined): GuestRef | null {
  return isMissing(guest) ? null : { name: guest.name, uuid: guest.uuid };
}

function positionOf(position: SourcePosition | null | undefined): SourcePosition | null {
  if (isMissing(position)) return null;
  return { file: position.file, line: position.line, column: position.column };
}

function notesOf(notes: readonly string[] | undefined | null): readonly string[] {
  return notes ?? [];
}

function isMissing<T>(value: T | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}
