import type { Condition } from '../model/condition.ts';
import { controlKey } from '../model/control.ts';
import type { Outcome } from '../model/decision.ts';
import { safeGuestName } from '../model/guest-name.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { ChangeTracker } from '../engine/changes.ts';
import { guestField, positionField } from './log-fields.ts';
import { withoutNumbers } from '../model/text.ts';
import type { LoggerOf } from './log/logger.ts';

export interface OutcomeLogOptions {
  /** Whether log lines of dry-run actions have the field `dry_run`; redundant in a replay. Default: true. */
  readonly marksDryRun?: boolean;
}

/** Values of one control that are remembered. */
const MOST_VALUES = 1000;

const LOGGED_ELSEWHERE: ReadonlySet<Outcome['status']> = new Set(['held', 'pending']);

/** More outcomes with one reason are one line, with the names of so many. */
const GUESTS_SHOWN = 5;

/** Logs the outcomes of actions: each success, but a repeated refusal only once. What is pending is logged when it is known. */
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

  readonly #heldBack = new ChangeTracker<Outcome>(
    ({ action, detail }) => `${action.guest?.uuid ?? ''} ${action.control} ${withoutNumbers(detail ?? '')}`,
  );

  /**
   * Logs the outcomes of one interval; `snapshot` is the one that it started with. Successes that recur, as a guard's condition
   * says, are logged once for each value, then at level debug.
   */
  logInterval(outcomes: readonly Outcome[], snapshot: Snapshot, conditions: readonly Condition[] = []): void {
    const recurring = new Map<string, Set<string>>();
    for (const { guest, recurring: control } of conditions) {
      if (control === undefined) continue;
      const key = controlKey(control, guest);
      recurring.set(key, this.#recurring.get(key) ?? new Set());
    }
    this.#recurring = recurring;
    const { began } = this.#refusals.update(this.#persistentRefusals(outcomes, snapshot));
    for (const outcome of outcomes) {
      if (isRefusal(outcome)) {
        if (began.includes(outcome)) logOutcome(this.#log, outcome, this.#options);
      } else if (!LOGGED_ELSEWHERE.has(outcome.status)) {
        const logged = recurring.get(controlKey(outcome.action.control, outcome.action.guest));
        const value = String(outcome.action.to);
        logOutcome(this.#log, outcome, { ...this.#options, level: logged?.has(value) ? 'debug' : 'info' });
        if (logged !== undefined && logged.size < MOST_VALUES) logged.add(value);
      }
    }
    this.#logHeld(outcomes.filter(({ status }) => status === 'held'));
  }

  /** One line for all that were held back for one reason: a slow libvirtd can hold back a thousand. */
  #logHeld(held: readonly Outcome[]): void {
    const byReason = new Map<string, Outcome[]>();
    for (const outcome of this.#heldBack.update(held).began) {
      const key = `${outcome.action.control} ${withoutNumbers(outcome.detail ?? '')}`;
      byReason.set(key, [...(byReason.get(key) ?? []), outcome]);
    }
    for (const all of byReason.values()) {
      if (all.length <= GUESTS_SHOWN) for (const each of all) logOutcome(this.#log, each, this.#options);
      else logManyHeld(this.#log, all);
    }
  }

  /** A refusal persists, even in intervals without that write, until the write succeeds or the guest disappears. */
  #persistentRefusals(outcomes: readonly Outcome[], { guests }: Snapshot): readonly Outcome[] {
    const present = new Set(guests.map(({ uuid }) => uuid));
    for (const [key, { action }] of this.#refused) {
      if (action.guest !== null && !present.has(action.guest.uuid)) this.#refused.delete(key);
    }
    for (const outcome of outcomes) {
      const key = controlKey(outcome.action.control, outcome.action.guest);
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
  else if (status === 'held')
    log.warn(fields, `${message}: held back before the write: ${detail ?? 'no reason given'}`);
  else if (status === 'pending') log.warn(fields, `${message}: ${detail ?? 'no answer yet'}`);
  else if (status === 'gone') log[level](fields, `${message}: the guest is gone`);
  else
    log.error(
      { ...fields, status },
      `${message}: ${status === 'refused' ? 'refused' : 'outcome unknown'}: ${detail ?? 'no reason given'}`,
    );
}

/** @param all with the same control and reason, at least one */
function logManyHeld(loggerOf: LoggerOf, all: readonly Outcome[]): void {
  const { action, detail } = all[0]!;
  const guests = all.flatMap(({ action: { guest } }) => (guest === null ? [] : [`guest:${safeGuestName(guest.name)}`]));
  const names = `${guests.slice(0, GUESTS_SHOWN).join(', ')} and ${all.length - GUESTS_SHOWN} more`;
  loggerOf(action.controller).warn(
    { control: action.control, held: all.length },
    `Held back ${all.length} changes of ${action.control} before the write: ${detail ?? 'no reason given'}: ${names}`,
  );
}

function isRefusal({ status }: Outcome): boolean {
  return status === 'refused' || status === 'failed';
}
