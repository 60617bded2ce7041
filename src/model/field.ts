import type { Unit } from './units.ts';

/** What a statistic can be. `null` is nil: looked for and not there. */
export type FieldValue = number | string | boolean | null;

export type FieldType = 'number' | 'string' | 'boolean';

/** One statistic that a collector promises. The policy checker and the reference pages read it. */
export interface FieldDecl {
  /** MOM's name where MOM has one, else the kernel's or libvirt's own term. */
  readonly name: string;
  readonly type: FieldType;
  readonly unit: Unit;
  /** An optional field is nil when it is absent; a mandatory one that is missing keeps its guest (or host) from the policy. */
  readonly optional: boolean;
  /** One line for people. */
  readonly doc: string;
  /** The kernel file or libvirt key that it comes from. */
  readonly source: string;
  /** Another field of the same entity, of the same unit, that it is a part of: their quotient is a share, from 0 to 1. */
  readonly partOf?: string;
  /** A value that a policy compares it with, as it writes that: `"running"`, `22`. Absent: one that suits the unit. For the reference. */
  readonly example?: string;
}

/** The order of the values in a {@link Sample}. One layout serves all samples of one kind of entity. */
export interface Layout {
  readonly names: readonly string[];
  readonly index: ReadonlyMap<string, number>;
}

export function layoutOf(names: readonly string[]): Layout {
  return { names, index: new Map(names.map((name, position) => [name, position])) };
}

/**
 * The values of one entity at one moment, in the order of its {@link Layout}.
 * `null` is nil (collected, and there is none); `undefined` means that this sample has no such field.
 */
export type Sample = readonly (FieldValue | undefined)[];
