import type { Unit } from './units.ts';

/** The value of a statistic. `null` is nil: collected, but not available. */
export type FieldValue = number | string | boolean | null;

export type FieldType = 'number' | 'string' | 'boolean';

/** Declares a statistic of a collector, for the policy checker and the reference pages. */
export interface FieldDecl {
  /** MOM's name if it has one, else the kernel's or libvirt's. */
  readonly name: string;
  readonly type: FieldType;
  readonly unit: Unit;
  /** A missing optional field is nil; a missing mandatory one excludes its guest (or the host) from evaluation. */
  readonly optional: boolean;
  /** One line of documentation. */
  readonly doc: string;
  /** The kernel file or libvirt key that it is read from. */
  readonly source: string;
  /** A field of the same entity and unit that includes this one: their quotient is a ratio from 0 to 1. */
  readonly partOf?: string;
  /** All values of a text; absent: any. */
  readonly choices?: readonly string[];
  /** The text encodes disks (disk-tuning.ts) or NUMA nodes (numa-nodes.ts): policies see a list of them. Absent: policies see the value itself. */
  readonly holds?: 'disks' | 'nodes';
  /** A value in policy syntax for the reference: `"running"`, `22`. Absent: derived from the unit. */
  readonly example?: string;
}

/** The order of the values in a {@link Sample}, shared by all samples of the host or of the guests. */
export interface Layout {
  readonly names: readonly string[];
  readonly index: ReadonlyMap<string, number>;
}

export function layoutOf(names: readonly string[]): Layout {
  return { names, index: new Map(names.map((name, position) => [name, position])) };
}

/**
 * The values of one entity at one time, in the order of its {@link Layout}.
 * `null` is nil (collected, but not available); `undefined`: this sample has no such field.
 */
export type Sample = readonly (FieldValue | undefined)[];
