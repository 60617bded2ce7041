import type { GuestRef } from './control.ts';

/** Something about a guest or the host that lasts: told once when it begins and once when it is over. */
export interface Condition {
  /** null: the host. */
  readonly guest: GuestRef | null;
  /** What it is, with the figures, to follow the guest's name. */
  readonly text: string;
  /** What to say when it is over; absent: nothing. */
  readonly over?: string;
  /** Two conditions of one guard and guest with the same key are one; absent: the text without its numbers. */
  readonly key?: string;
  /** The control whose writes recur meanwhile, on this guest or the host: each value is logged once. */
  readonly recurring?: string;
  /** Default: `warn`. */
  readonly level?: 'info' | 'warn' | 'error';
}

export interface GuardCondition extends Condition {
  /** The name of the guard that found it. */
  readonly guard: string;
}
