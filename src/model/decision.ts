import type { ControlRequest, GuestRef, PolicyScalar, SourcePosition } from './control.ts';

/** An error in a policy, at load time or while it runs. */
export interface PolicyError {
  readonly phase: 'parse' | 'check' | 'eval';
  readonly message: string;
  /** null only when no text is to blame (a bound on the time of the whole run, say). */
  readonly position: SourcePosition | null;
  /** The guest whose `with` body failed; null when the failure was outside of any. */
  readonly guest: GuestRef | null;
}

/** What a policy asked for in one interval. */
export interface Decision {
  readonly requests: readonly ControlRequest[];
  readonly errors: readonly PolicyError[];
}

/** A request as the guards before a controller's plan left it: `value` is what may be done. */
export interface GuardedRequest extends ControlRequest {
  /** What the policy asked for. */
  readonly asked: PolicyScalar;
  /** What guards changed about the request and why, in words; empty when nothing. */
  readonly notes: readonly string[];
}

/** One write to KSM or one balloon target that the guards let through. */
export interface Action {
  readonly controller: string;
  readonly control: string;
  readonly guest: GuestRef | null;
  /** The value in force; null when it is not known. */
  readonly from: PolicyScalar;
  readonly to: PolicyScalar;
  /** What people read in the log, `Ballooning guest:web-1 from 524288 to 498073`. */
  readonly message: string;
  readonly reason: string | null;
  readonly position: SourcePosition | null;
  /** What was changed about the request and why, in words; empty when nothing. */
  readonly notes: readonly string[];
}

/** A request that became no action. `unchanged` needs no attention; `held` does. */
export interface Held {
  readonly kind: 'unchanged' | 'held';
  readonly controller: string;
  readonly control: string;
  readonly guest: GuestRef | null;
  readonly wanted: PolicyScalar;
  readonly why: string;
}

/** What guards and controllers made of the requests of one interval. Actions stand in the order of their execution. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly held: readonly Held[];
}

/** What became of one action. */
export interface Outcome {
  readonly action: Action;
  /**
   * done: written and, where it can be, read back; refused: the kernel or hypervisor said no;
   * failed: it is not known whether it took effect (a timeout, a lost connection); gone: the guest is no more;
   * dry-run: nothing was written because nothing was to be.
   */
  readonly status: 'done' | 'refused' | 'failed' | 'gone' | 'dry-run';
  readonly detail: string | null;
}
