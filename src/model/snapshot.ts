import type { GuestRef } from './control.ts';
import type { Layout, Sample } from './field.ts';
import type { Past } from './past.ts';

/** Values returned by `(entity.Prop "name")`. */
export type Props = Readonly<Record<string, string | number | null>>;

/** One guest in a snapshot. Guests that lack a mandatory field are left out. */
export interface GuestSnapshot extends GuestRef {
  readonly props: Props;
  readonly sample: Sample;
}

/** A failed reading, as distinct from an unavailable value (nil) and from zero. */
export interface CollectProblem {
  readonly collector: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  readonly message: string;
  /** The hypervisor has told the operator about the cause. Absent: it has not. */
  readonly told?: true;
}

/** All data collected in one interval. Plain data that can be serialized. */
export interface Snapshot {
  /** Start of the collection, milliseconds since the epoch, by the host's clock. */
  readonly timeMs: number;
  /** null when a mandatory host field is missing: the policy is not evaluated. */
  readonly host: Sample | null;
  /** By name, then uuid. */
  readonly guests: readonly GuestSnapshot[];
  readonly problems: readonly CollectProblem[];
}

/** An entity as a policy sees it: its samples, oldest first; the last is the current one. */
export interface EntityView {
  readonly props: Props;
  readonly samples: readonly Sample[];
  /** Time of each sample, milliseconds since the epoch, by the host's clock; decreases when the clock is set back. */
  readonly times: readonly number[];
  /** The newest samples, for methods without `:last` or `:over`: as many as the config key `history`. Absent: all. */
  readonly recent?: number;
  /** Statistics of the last days. Absent: nothing is known of them. */
  readonly past?: Past;
}

export interface GuestView extends EntityView, GuestRef {}

/** The input of an evaluation: the current snapshot with each entity's history. */
export interface PolicyInput {
  readonly timeMs: number;
  /** How much older the statistics are now, milliseconds: when guards look at an action again before its write. Absent: 0. */
  readonly sinceMs?: number;
  readonly hostLayout: Layout;
  readonly guestLayout: Layout;
  readonly host: EntityView;
  /** By name, then uuid. */
  readonly guests: readonly GuestView[];
}
