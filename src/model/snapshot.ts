import type { GuestRef } from './control.ts';
import type { Layout, Sample } from './field.ts';

/** What `(entity.Prop "name")` answers. */
export type Props = Readonly<Record<string, string | number | null>>;

/** One guest at one moment. Only guests whose mandatory fields are all there appear in a snapshot. */
export interface GuestSnapshot extends GuestRef {
  readonly props: Props;
  readonly sample: Sample;
}

/** A reading that did not succeed. It is told apart from a value that is absent (nil) and from zero. */
export interface CollectProblem {
  readonly collector: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  readonly message: string;
}

/** Everything that one interval saw. Plain data: it can be written down and read back. */
export interface Snapshot {
  /** When collection began, milliseconds since the epoch, by the host's clock. */
  readonly timeMs: number;
  /** null when a mandatory host field could not be had: no policy is evaluated then. */
  readonly host: Sample | null;
  /** By name, then uuid. */
  readonly guests: readonly GuestSnapshot[];
  readonly problems: readonly CollectProblem[];
}

/** An entity as a policy sees it: its samples oldest first; the last is the present. */
export interface EntityView {
  readonly props: Props;
  readonly samples: readonly Sample[];
  /** When each sample was taken, milliseconds since the epoch, by the host's clock: later ones may be smaller when it was set back. */
  readonly times: readonly number[];
}

export interface GuestView extends EntityView, GuestRef {}

/** What a policy is evaluated over: the present snapshot with each entity's history. */
export interface PolicyInput {
  readonly timeMs: number;
  readonly hostLayout: Layout;
  readonly guestLayout: Layout;
  readonly host: EntityView;
  /** By name, then uuid. */
  readonly guests: readonly GuestView[];
}
