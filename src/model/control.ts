import type { Unit } from './units.ts';

/** A control that a policy can set with `(ENTITY.Control "name" value)`. */
export interface ControlDecl {
  readonly name: string;
  readonly scope: 'host' | 'guest';
  readonly type: 'number' | 'string' | 'boolean';
  readonly unit: Unit;
  /** Lowest and highest valid value, inclusive; absent: unbounded. */
  readonly min?: number;
  readonly max?: number;
  /** The texts that it takes; absent: any. */
  readonly choices?: readonly string[];
  readonly doc: string;
  /** The kernel file or libvirt call that sets it. */
  readonly source: string;
  /** A value in policy syntax for the reference: `"scan-time"`, `20ms`. Absent: derived from the unit. */
  readonly example?: string;
}

/** A position in a policy file. Lines and columns are counted from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Identifies a guest. A name may be reused after a guest is deleted; a uuid is not. */
export interface GuestRef {
  readonly name: string;
  readonly uuid: string;
}

/** One text for a control of a guest, or of the host, as the key of a map. */
export function controlKey(control: string, guest: GuestRef | null): string {
  return `${guest?.uuid ?? ''} ${control}`;
}

/** A value that is requested for a control. */
export interface RequestedValue {
  readonly name: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  readonly value: PolicyScalar;
  readonly reason: string | null;
  /** null: not a policy requests it, but Ballast itself. */
  readonly position: SourcePosition | null;
}

/** A value that a policy set for a control: the last call in the interval for this name and entity, with the reason given there. */
export interface ControlRequest extends RequestedValue {
  /** The call that set it. */
  readonly position: SourcePosition;
}

/** The value that a control has, or had. */
export interface ControlValue {
  readonly control: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  readonly value: PlainScalar;
}

/** The reason of the requests that restore. */
export const RESTORED = 'restored to its initial value';

/** A request that restores one value. */
export function restoring({ control, guest, value }: ControlValue, reason = RESTORED): RequestedValue {
  return { name: control, guest, value, reason, position: null };
}

/** A policy value that can be stored. */
export type PolicyScalar = PlainScalar | readonly PolicyScalar[];

export type PlainScalar = number | string | boolean | null;
