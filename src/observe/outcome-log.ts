import type { Condition } from '../model/condition.ts';
import type { GuestRef } from '../model/control.ts';
import type { Outcome } from '../model/decision.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { ChangeTracker } from '../engine/changes.ts';
import { guestField, positionField, withoutNumbers } from './log-fields.ts';
import type { LoggerOf } from './log/logger.ts';

export interface OutcomeLogOptions {
  /** Whether log lines of dry-run actions have the field `dry_run`; redundant in a replay. Default: true. */
  readonly marksDryRun?: boolean;
}

/** Values of one control that are remembered. */
const MOST_VALUES = 1000;

/** Logs the outcomes of actions: each success, but a repeated refusal only once. */
export class OutcomeLog {
  readonly #log: LoggerOf;
  readonly #options: OutcomeLogOptions;
  /** Refused writes that have not succeeded since, by guest UUID and control. */
  readonly #refused = new Map<string, Outcome>();
  /** The values already logged of controls whose writes recur, by guest UUID and control. */
  #recurring: ReadonlyMap<string, Set<string>> = new Map();
  readonly #refusals = new ChangeTracker<Outcome>(
    ({ action, status, detail }) =>
      `${action.guest?.uuid ?? ''} ${action.control} ${status} ${withoutNumbers(detail ?? '')}`,
  );

  constructor(log: LoggerOf, options: OutcomeLogOptions = {}) {
    this.#log = log;
    this.#options = options;
  }

  /**
   * Logs the outcomes of one interval; `snapshot` is the one that it started with. Successes that recur, as a guard's condition
   * says, are logged once for each value, then at level debug.
   */
  logInterval(outcomes: readonly Outcome[], snapshot: Snapshot, conditions: readonly Condition[] = []): void {
    const recurring = new Map<string, Set<string>>();
    for (const { guest, recurring: control } of conditions) {
      if (control === undefined) continue;
      const key = keyOf({ guest, control });
      recurring.set(key, this.#recurring.get(key) ?? new Set());
    }
    this.#recurring = recurring;
    const { began } = this.#refusals.update(this.#persistentRefusals(outcomes, snapshot));
    for (const outcome of outcomes) {
      if (!isRefusal(outcome)) {
        const logged = recurring.get(keyOf(outcome.action));
        const value = String(outcome.action.to);
        logOutcome(this.#log, outcome, { ...this.#options, level: logged?.has(value) ? 'debug' : 'info' });
        if (logged !== undefined && logged.size < MOST_VALUES) logged.add(value);
      } else if (began.includes(outcome)) logOutcome(this.#log, outcome, this.#options);
    }
  }

  /** A refusal persists, even in intervals without that write, until the write succeeds or the guest disappears. */
  #persistentRefusals(outcomes: readonly Outcome[], { guests }: Snapshot): readonly Outcome[] {
    const present = new Set(guests.map(({ uuid }) => uuid));
    for (const [key, { action }] of this.#refused) {
      if (action.guest !== null && !present.has(action.guest.uuid)) this.#refused.delete(key);
    }
    for (const outcome of outcomes) {
      const key = keyOf(outcome.action);
      if (isRefusal(outcome)) this.#refused.set(key, outcome);
      else this.#refused.delete(key);
    }
    return [...this.#refused.values()];
  }
}

/** Logs the outcome of one action as one line, with the logger of its controller. */
export function logOutcome(
  loggerOf: LoggerOf,
  { action, status, detail }: Outcome,
  { marksDryRun = true, level = 'info' }: OutcomeLogOptions & { readonly level?: 'debug' | 'info' } = {},
): void {
  const log = loggerOf(action.controller);
  const { control, from, to, reason, position, notes, guest, guard, message } = action;
  const fields = {
    control,
    from,
    to,
    ...guestField(guest),
    ...positionField(position),
    ...(reason !== null && { reason }),
    ...(guard !== undefined && { guard }),
    ...(notes.length > 0 && { notes }),
  };
  if (status === 'done') log[level](fields, message);
  else if (status === 'dry-run') log[level]({ ...fields, ...(marksDryRun && { dry_run: true }) }, message);
  else if (status === 'gone') log[level](fields, `${message}: the guest is gone`);
  else
    log.error(
      { ...fields, status },
      `${message}: ${status === 'refused' ? 'refused' : 'outcome unknown'}: ${detail ?? 'no reason given'}`,
    );
}

function keyOf({ guest, control }: { readonly guest: GuestRef | null; readonly control: string }): string {
  return `${guest?.uuid ?? ''} ${control}`;
}

function isRefusal({ status }: Outcome): boolean {
  return status === 'refused' || status === 'failed';
}
