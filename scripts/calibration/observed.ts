import type { Event, ExperimentPlan } from '../../test/real-host/calibration/plan.ts';

/** One figure, second by second from the start of an experiment; null: not known. */
export type Column = readonly (number | null)[];

/** The figures of one guest; KiB unless the name says otherwise. Counters count from their first value. */
export const GUEST_COLUMNS = [
  'size',
  'available',
  'unused',
  'usable',
  'caches',
  'rss',
  'swapIn',
  'swapOut',
  'majorFaults',
  'stallMs',
  'statsAgeMs',
] as const;

export const HOST_COLUMNS = [
  'taken',
  'swap',
  'swapIn',
  'swapOut',
  'stallMs',
  'ksmSharingPages',
  'ksmSharedPages',
  'ksmUnsharedPages',
  'ksmVolatilePages',
  'ksmScannedPages',
  'ksmdMs',
] as const;

export type GuestColumns = Readonly<Record<(typeof GUEST_COLUMNS)[number], Column>>;
export type HostColumns = Readonly<Record<(typeof HOST_COLUMNS)[number], Column>>;

/** What happened to a host and its guests, in reality or in a simulation. */
export interface Course {
  readonly host: HostColumns;
  readonly guests: Readonly<Record<string, GuestColumns>>;
}

/** What an experiment showed, as it is kept for fitting and for the tests. */
export interface Observed extends Course {
  readonly plan: ExperimentPlan;
  readonly kernel: string;
  /** ISO 8601. */
  readonly date: string;
  readonly events: readonly Event[];
}
