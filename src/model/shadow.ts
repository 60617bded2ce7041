import type { GuestRef, PolicyScalar } from './control.ts';
import type { PolicyError } from './decision.ts';

/**
 * How a decision of the shadow differs from that of the policy. same: both set the same value, or neither sets any. more, less: both
 * set a number, the shadow the larger or the smaller one. other: both set a value, and not a number. only_shadow, only_policy: the
 * other one keeps the present value.
 */
export const SHADOW_CLASSES = ['same', 'more', 'less', 'other', 'only_shadow', 'only_policy'] as const;
export type ShadowClass = (typeof SHADOW_CLASSES)[number];

/** A decision that differs. */
export interface ShadowDifference {
  readonly control: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  readonly class: Exclude<ShadowClass, 'same'>;
  /** The value that the policy sets or keeps; null: it keeps one that is unknown. */
  readonly policy: PolicyScalar;
  readonly policyReason: string | null;
  readonly shadow: PolicyScalar;
  readonly shadowReason: string | null;
}

export type TimedDifference = ShadowDifference & { readonly timeMs: number };

/** The decisions of one interval side by side. */
export interface ShadowComparison {
  readonly timeMs: number;
  /** Whether the policies were evaluated; false: the guards acted alone. */
  readonly evaluated: boolean;
  /** How many decisions are the same, by control. */
  readonly same: ReadonlyMap<string, number>;
  readonly differences: readonly ShadowDifference[];
  /** The UUIDs of guests whose balloons both set to the same size. */
  readonly agreed: readonly string[];
  /** Requests that were held back, by guard; the guard '': a pause, the stop file or the controller. */
  readonly holds: ReadonlyMap<string, ShadowHolds>;
  /** The shadow's errors. */
  readonly errors: readonly PolicyError[];
}

export interface ShadowHolds {
  readonly policy: number;
  readonly shadow: number;
}

/** Where a shadow would have differed from a policy, over some time. Plain data. */
export interface ShadowSummary {
  /** When the first interval was seen, and the last; null: none was. Milliseconds since the epoch. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly evaluations: number;
  /** Evaluations with a difference. */
  readonly differing: number;
  /** Evaluations that were left out, because there was no time for them. */
  readonly skipped: number;
  /** Errors of the shadow. */
  readonly errors: number;
  readonly controls: readonly ShadowControlCounts[];
  /** Sizes of guests above those of the policy, times the time until the next evaluation, KiB·ms; and below. */
  readonly moreKibMs: number;
  readonly lessKibMs: number;
  readonly holds: readonly (ShadowHolds & { readonly guard: string })[];
  /** Those that differed most, the most first. */
  readonly guests: readonly ShadowGuest[];
  /** The last difference of each control of the host. */
  readonly settings: readonly TimedDifference[];
}

export type ShadowControlCounts = Readonly<Record<ShadowClass, number>> & { readonly control: string };

/** The balloon of one guest. */
export interface ShadowGuest {
  readonly guest: GuestRef;
  /** Decisions that differed. */
  readonly differing: number;
  readonly moreKibMs: number;
  readonly lessKibMs: number;
  /** The decision that differed most. */
  readonly largest: TimedDifference;
}

/** What becomes of a shadow in one interval. */
export interface ShadowInterval {
  readonly timeMs: number;
  /** null: nothing was compared. */
  readonly comparison: ShadowComparison | null;
  /** Whether an evaluation was left out, because there was no time for it. */
  readonly skipped: boolean;
  /** By how much the shadow's sizes are above those of the policy now, and below, KiB. */
  readonly moreKib: number;
  readonly lessKib: number;
  /** By the monotonic clock, milliseconds. */
  readonly tookMs: number;
}
