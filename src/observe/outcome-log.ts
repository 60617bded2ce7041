import type { Outcome } from '../model/decision.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { ChangeTracker } from '../engine/changes.ts';
import { guestField, positionField, withoutNumbers } from './log-fields.ts';
import type { LoggerOf } from './log/logger.ts';

export interface OutcomeLogOptions {
  /** Whether log lines of dry-run actions have the field `dry_run`; redundant in a replay. Default: true. */
  readonly marksDryRun?: boolean;
}

/** Logs the outcomes of actions: each success, but a repeated refusal only once. */
export class OutcomeLog {
  readonly #log: LoggerOf;
  readonly #options: OutcomeLogOptions;
  /** Refused writes that have not succeeded since, by guest UUID and control. */
  readonly #refused = new Map<string, Outcome>();
  readonly #refusals = new ChangeTracker<Outcome>(
    ({ action, status, detail }) =>
      `${action.guest?.uuid ?? ''} ${action.control} ${status} ${withoutNumbers(detail ?? '')}`,
  );

  constructor(log: LoggerOf, options: OutcomeLogOptions = {}) {
    this.#log = log;
    this.#options = options;
  }

  /** Logs the outcomes of one interval; `snapshot` is the one that it started with. */
  logInterval(outcomes: readonly Outcome[], snapshot: Snapshot): void {
    const { began } = this.#refusals.update(this.#persistentRefusals(outcomes, snapshot));
    for (const outcome of outcomes) {
      if (!isRefusal(outcome) || began.includes(outcome)) logOutcome(this.#log, outcome, this.#options);
    }
  }

  /** A refusal persists, even in intervals without that write, until the write succeeds or the guest disappears. */
  #persistentRefusals(outcomes: readonly Outcome[], { guests }: Snapshot): readonly Outcome[] {
    const present = new Set(guests.map(({ uuid }) => uuid));
    for (const [key, { action }] of this.#refused) {
      if (action.guest !== null && !present.has(action.guest.uuid)) this.#refused.delete(key);
    }
    for (const outcome of outcomes) {
      const key = `${outcome.action.guest?.uuid ?? ''} ${outcome.action.control}`;
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
  { marksDryRun = true }: OutcomeLogOptions = {},
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
  if (status === 'done') log.info(fields, message);
  else if (status === 'dry-run') log.info({ ...fields, ...(marksDryRun && { dry_run: true }) }, message);
  else if (status === 'gone') log.info(fields, `${message}: the guest is gone`);
  else if (status === 'held') log.warn(fields, `${message}: held back: ${detail ?? 'no reason given'}`);
  else
    log.error(
      { ...fields, status },
      `${message}: ${status === 'refused' ? 'refused' : 'outcome unknown'}: ${detail ?? 'no reason given'}`,
    );
}

function isRefusal({ status }: Outcome): boolean {
  return status === 'refused' || status === 'failed';
}
