import type { ControlRequest, GuestRef, PolicyScalar, RequestedValue, SourcePosition } from './control.ts';

/** A policy error, at load time or at run time. */
export interface PolicyError {
  readonly phase: 'parse' | 'check' | 'eval';
  readonly message: string;
  /** null only when no position is responsible (a time limit on the whole evaluation, for example). */
  readonly position: SourcePosition | null;
  /** The guest whose `with` body failed; null when the error is outside of `with`. */
  readonly guest: GuestRef | null;
}

/** The requests of a policy in one interval. */
export interface Decision {
  readonly requests: readonly ControlRequest[];
  readonly errors: readonly PolicyError[];
}

/** A request after the `beforePlan` guards: `value` is the permitted value. */
export interface GuardedRequest extends RequestedValue {
  /** The requested value. */
  readonly asked: PolicyScalar;
  /** What the guards changed and why, in words; empty: nothing. */
  readonly notes: readonly string[];
  /** The guard that added it; absent: the policy asked for it. */
  readonly guard?: string;
}

/** A KSM write or a balloon target that the guards permit. */
export interface Action {
  readonly controller: string;
  readonly control: string;
  readonly guest: GuestRef | null;
  /** The current value; null when it is unknown. */
  readonly from: PolicyScalar;
  readonly to: PolicyScalar;
  /** The log message, `Ballooning guest:web-1 from 524288 to 498073`. */
  readonly message: string;
  readonly reason: string | null;
  readonly position: SourcePosition | null;
  /** What was changed in the request and why, in words; empty: nothing. */
  readonly notes: readonly string[];
  /** The guard that added it; absent: the policy asked for it. */
  readonly guard?: string;
}

/** A request without an action. `unchanged`: the value was already set; `held`: held back. */
export interface Held {
  readonly kind: 'unchanged' | 'held';
  readonly controller: string;
  readonly control: string;
  readonly guest: GuestRef | null;
  readonly wanted: PolicyScalar;
  readonly why: string;
  /** The guard that held it back; absent: its controller, or Ballast itself. */
  readonly guard?: string;
}

/** The result of the guards and controllers for the requests of one interval. Actions are in execution order. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly held: readonly Held[];
}

/** The outcome of one action. */
export interface Outcome {
  readonly action: Action;
  /**
   * done: written and, where possible, read back; refused: rejected by the kernel or hypervisor;
   * failed: outcome unknown (timeout, lost connection); gone: the guest is no longer running;
   * pending: sent, but not answered before the interval's time was over; held: not sent, because it no longer holds or its
   * time is over; dry-run: not sent.
   */
  readonly status: 'done' | 'refused' | 'failed' | 'gone' | 'pending' | 'held' | 'dry-run';
  readonly detail: string | null;
}
