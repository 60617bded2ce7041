import type { Unit } from './units.ts';

/** One thing that a policy may ask for with `(ENTITY.Control "name" value)`. */
export interface ControlDecl {
  readonly name: string;
  readonly scope: 'host' | 'guest';
  readonly type: 'number' | 'string' | 'boolean';
  readonly unit: Unit;
  /** Lowest and highest value that makes sense, both inclusive; absent means unbounded. */
  readonly min?: number;
  readonly max?: number;
  readonly doc: string;
  /** The kernel file or libvirt call that it becomes. */
  readonly source: string;
  /** A value that a policy gives it, as it writes that: `"scan-time"`, `20ms`. Absent: one that suits the unit. For the reference. */
  readonly example?: string;
}

/** A place in a policy file. Lines and columns count from 1, as editors do. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What identifies a guest. Names may be reused after a guest is deleted; the uuid tells the two apart. */
export interface GuestRef {
  readonly name: string;
  readonly uuid: string;
}

/** One control that a policy set: the last call in an interval for that name and entity counts. */
export interface ControlRequest {
  readonly name: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  readonly value: PolicyScalar;
  /** Why, in words, where the policy says so. */
  readonly reason: string | null;
  /** The call that set it. */
  readonly position: SourcePosition;
}

/** A value as a policy computes it and as data can hold it. */
export type PolicyScalar = number | string | boolean | null | readonly PolicyScalar[];
