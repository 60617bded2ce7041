import type { Bins } from '../support/histogram.ts';

/** An hour by the host's clock. */
export interface Hour {
  /** The time of its first snapshot, milliseconds since the epoch. */
  readonly startMs: number;
  /** Of the day, 0 to 23. */
  readonly ofDay: number;
}

/** By field, a histogram for each hour; null: no number in that hour. */
export type KeptFields = ReadonlyMap<string, readonly (Bins | null)[]>;

export interface KeptGuest {
  readonly uuid: string;
  /** Its maximum memory, KiB; null: unknown. */
  readonly maxKib: number | null;
  readonly fields: KeptFields;
}

/** The statistics of complete hours, and of the current one, as a daemon hands them to the next. */
export interface KeptHours {
  /** Oldest first; the last is the current one. */
  readonly hours: readonly Hour[];
  readonly host: KeptFields;
  readonly guests: readonly KeptGuest[];
}
