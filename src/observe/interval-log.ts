import type { GuardCondition } from '../model/condition.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Held, PolicyError } from '../model/decision.ts';
import { safeGuestName } from '../model/guest-name.ts';
import { shortNumber } from '../model/number-text.ts';
import { scalarText } from '../model/scalar-text.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import { unreadGuests } from '../model/unread-guests.ts';
import { ChangeTracker, type Changes } from '../engine/changes.ts';
import { CollectLog } from './collect-log.ts';
import type { LoggerOf } from './log/logger.ts';
import { guestField, positionField, positionText } from './log-fields.ts';
import { withoutNumbers } from '../model/text.ts';
import type { IntervalObserver } from './observer.ts';
import { OutcomeLog, type OutcomeLogOptions } from './outcome-log.ts';

/**
 * Logs the result of an interval: every action each time; a persistent condition (a guest excluded from the policy, a policy
 * error, a request held back, a refused write) once when it begins, and once when it ends if the end can be detected.
 */
export class IntervalLog implements IntervalObserver {
  readonly name = 'log';
  readonly #log: LoggerOf;
  readonly #collect: CollectLog;
  readonly #outcomes: OutcomeLog;
  readonly #errors = new ChangeTracker<PolicyError>(
    ({ message, position, guest }) => `${guest?.uuid ?? ''} ${positionText(position)} ${message}`,
  );
  readonly #held = new ChangeTracker<Held>(
    ({ control, guest, why }) => `${guest?.uuid ?? ''} ${control} ${withoutNumbers(why)}`,
  );

  readonly #conditions = { host: conditionTracker(), guests: conditionTracker() };

  constructor(log: LoggerOf, options: OutcomeLogOptions = {}) {
    this.#log = log;
    this.#collect = new CollectLog(log);
    this.#outcomes = new OutcomeLog(log, options);
  }

  observe({ snapshot, judgement, outcomes, conditions: find, took }: IntervalReport): void {
    const conditions = find?.() ?? null;
    this.#collect.logInterval(snapshot);
    if (conditions !== null) this.#logConditions(conditions, snapshot);
    // Between two evaluations, what the policy had held back still is.
    if (judgement?.evaluated === true) {
      this.#logErrors(judgement.decision.errors);
      this.#logHeld(judgement.plan.held);
    }
    if (judgement !== null) this.#outcomes.logInterval(outcomes, snapshot, conditions ?? []);
    this.#log('engine').debug(
      {
        guests: snapshot.guests.length,
        evaluated: judgement?.evaluated === true,
        actions: outcomes.length,
        ...rounded(took),
      },
      'Interval done',
    );
  }

  #logConditions(all: readonly GuardCondition[], { guests, problems }: Snapshot): void {
    const { host, guests: ofGuests } = this.#conditions;
    this.#logChanges(host.update(all.filter(({ guest }) => guest === null)), guests);
    // Without guests nothing is known about theirs.
    if (unreadGuests(problems) !== undefined) return;
    this.#logChanges(ofGuests.update(all.filter(({ guest }) => guest !== null)), guests);
  }

  #logChanges({ began, ended }: Changes<GuardCondition>, guests: Snapshot['guests']): void {
    const subject = (guest: GuardCondition['guest']): string =>
      guest === null ? 'Host' : `guest:${safeGuestName(guest.name)}`;
    for (const { guard, guest, text, level = 'warn' } of began)
      this.#log('guards')[level]({ guard, ...guestField(guest) }, `${subject(guest)}: ${text}`);
    const present = new Set(guests.map(({ uuid }) => uuid));
    for (const { guard, guest, over } of ended) {
      if (over === undefined || (guest !== null && !present.has(guest.uuid))) continue;
      this.#log('guards').info({ guard, ...guestField(guest) }, `${subject(guest)}: ${over}`);
    }
  }

  #logErrors(errors: readonly PolicyError[]): void {
    const { began, ended } = this.#errors.update(errors);
    for (const { message, position, guest } of began) {
      const whose = guest === null ? 'this file has no effect' : `guest:${safeGuestName(guest.name)} is left unchanged`;
      this.#log('policy').error(
        { ...positionField(position), ...guestField(guest) },
        `${positionText(position)}: ${message}; ${whose} while the error persists`,
      );
    }
    for (const { position, guest } of ended) {
      const whose = guest === null ? '' : ` for guest:${safeGuestName(guest.name)}`;
      this.#log('policy').info(
        { ...positionField(position), ...guestField(guest) },
        `${positionText(position)}: error cleared${whose}`,
      );
    }
  }

  #logHeld(all: readonly Held[]): void {
    const { began } = this.#held.update(all.filter(({ kind }) => kind === 'held'));
    for (const { controller, control, guest, wanted: asked, why, guard } of began) {
      const whose = guest === null ? '' : ` for guest:${safeGuestName(guest.name)}`;
      const wanted = typeof asked === 'number' ? shortNumber(asked) : asked;
      this.#log(controller).warn(
        { control, wanted, ...guestField(guest), ...(guard !== undefined && { guard }) },
        `Held back ${control} ${scalarText(wanted)}${whose}: ${why}`,
      );
    }
  }
}

function conditionTracker(): ChangeTracker<GuardCondition> {
  return new ChangeTracker(
    ({ guard, guest, text, key = withoutNumbers(text) }) => `${guard} ${guest?.uuid ?? ''} ${key}`,
  );
}

function rounded(took: IntervalReport['took']) {
  return Object.fromEntries(Object.entries(took).map(([key, ms]) => [key, Math.round(ms * 10) / 10]));
}
