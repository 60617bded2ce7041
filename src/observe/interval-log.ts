import type { Logger } from 'pino';
import type { GuestRef, SourcePosition } from '../model/control.ts';
import type { Held, Outcome, PolicyError } from '../model/decision.ts';
import { safeGuestName } from '../model/guest-name.ts';
import type { CollectProblem, Snapshot } from '../model/snapshot.ts';
import { ChangeTracker } from '../engine/changes.ts';
import type { IntervalReport } from '../engine/interval.ts';

/** Gives the logger of one component; the formats derive the name that they print from it. */
export type LoggerOf = (component: string) => Logger;

/**
 * Tells the log what an interval did: every action, each time; what persists (a guest that is not offered to the
 * policy, an error in the policy, a request that is held back, a write that is refused) once when it begins, and what
 * can be said to end once more then.
 */
export class Narrator {
  readonly #log: LoggerOf;
  readonly #marksDryRun: boolean;
  readonly #problems = new ChangeTracker<CollectProblem>(({ collector, guest }) => `${collector} ${guest?.uuid ?? ''}`);
  readonly #errors = new ChangeTracker<PolicyError>(
    ({ message, position, guest }) => `${guest?.uuid ?? ''} ${positionText(position)} ${message}`,
  );
  readonly #refusals = new ChangeTracker<Outcome>(
    ({ action, status, detail }) => `${action.guest?.uuid ?? ''} ${action.control} ${status} ${wording(detail ?? '')}`,
  );
  readonly #held = new ChangeTracker<Held>(
    ({ control, guest, why }) => `${guest?.uuid ?? ''} ${control} ${wording(why)}`,
  );
  /** Writes that were refused and have not succeeded since, by guest and control. */
  readonly #refused = new Map<string, Outcome>();
  /** As they were when guests could be read last. */
  #guestProblems: readonly CollectProblem[] = [];

  /** @param options.marksDryRun whether actions that were only decided carry `dry_run`: noise where nothing else can be */
  constructor(log: LoggerOf, { marksDryRun = true }: { readonly marksDryRun?: boolean } = {}) {
    this.#log = log;
    this.#marksDryRun = marksDryRun;
  }

  tell({ snapshot, judgement, outcomes, took }: IntervalReport): void {
    this.#tellProblems(snapshot.problems, new Set(snapshot.guests.map(({ uuid }) => uuid)));
    if (judgement !== null) {
      this.#tellErrors(judgement.decision.errors);
      this.#tellHeld(judgement.plan.held);
      const { began } = this.#refusals.update(this.#standingRefusals(outcomes, snapshot));
      // A knob that is refused in every interval is news in the first.
      this.tellOutcomes(outcomes.filter((outcome) => !isRefusal(outcome) || began.includes(outcome)));
    }
    this.#log('engine').debug(
      { guests: snapshot.guests.length, evaluated: judgement !== null, actions: outcomes.length, ...rounded(took) },
      'Interval done',
    );
  }

  /** A write that is not tried in an interval is as refused as it was: only its success, or the guest's end, is news. */
  #standingRefusals(outcomes: readonly Outcome[], { guests }: Snapshot): readonly Outcome[] {
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

  tellOutcomes(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#tellOutcome(outcome);
  }

  #tellProblems(problems: readonly CollectProblem[], offered: ReadonlySet<string>): void {
    // Without a reading of the guests nothing is known of them: their problems are neither over nor, afterwards, new.
    const blind = problems.some(({ collector, guest }) => collector === HYPERVISOR && guest === null);
    if (!blind) this.#guestProblems = problems.filter(({ guest }) => guest !== null);
    const { began, ended } = this.#problems.update([
      ...problems.filter(({ guest }) => guest === null),
      ...this.#guestProblems,
    ]);
    for (const { collector, guest, message } of began) {
      const fields = { collector, ...guestField(guest) };
      if (guest !== null) {
        this.#log('collect')[levelOf(collector, 'warn')](
          fields,
          `guest:${safeGuestName(guest.name)} ${about(collector, message)}`,
        );
      } else if (collector === HYPERVISOR) this.#log('collect').warn(fields, `No guests can be read: ${message}`);
      else this.#log('collect').warn(fields, `The ${collector} collector: ${message}`);
    }
    for (const { collector, guest } of ended) {
      const fields = { collector, ...guestField(guest) };
      if (guest === null)
        this.#log('collect').info(
          fields,
          collector === HYPERVISOR ? 'The guests can be read again' : `The ${collector} collector works again`,
        );
      else if (offered.has(guest.uuid)) {
        this.#log('collect')[levelOf(collector, 'info')](
          fields,
          `guest:${safeGuestName(guest.name)} gives its statistics again (${collector})`,
        );
      }
    }
  }

  #tellErrors(errors: readonly PolicyError[]): void {
    const { began, ended } = this.#errors.update(errors);
    for (const { message, position, guest } of began) {
      const whose =
        guest === null ? 'nothing of this file is applied' : `guest:${safeGuestName(guest.name)} is left as it is`;
      this.#log('policy').error(
        { ...positionField(position), ...guestField(guest) },
        `${positionText(position)}: ${message}; ${whose} while this lasts`,
      );
    }
    for (const { position, guest } of ended) {
      const whose = guest === null ? '' : ` for guest:${safeGuestName(guest.name)}`;
      this.#log('policy').info(
        { ...positionField(position), ...guestField(guest) },
        `${positionText(position)}: no error any more${whose}`,
      );
    }
  }

  #tellHeld(all: readonly Held[]): void {
    const { began } = this.#held.update(all.filter(({ kind }) => kind === 'held'));
    for (const { controller, control, guest, wanted, why } of began) {
      const whose = guest === null ? '' : ` for guest:${safeGuestName(guest.name)}`;
      this.#log(controller).warn(
        { control, wanted, ...guestField(guest) },
        `Held back ${control} ${String(wanted)}${whose}: ${why}`,
      );
    }
  }

  #tellOutcome({ action, status, detail }: Outcome): void {
    const log = this.#log(action.controller);
    const { control, from, to, reason, position, notes, guest, message } = action;
    const fields = {
      control,
      from,
      to,
      ...guestField(guest),
      ...positionField(position),
      ...(reason !== null && { reason }),
      ...(notes.length > 0 && { notes }),
    };
    if (status === 'done') log.info(fields, message);
    else if (status === 'dry-run') log.info({ ...fields, ...(this.#marksDryRun && { dry_run: true }) }, message);
    else if (status === 'gone') log.info(fields, `${message}: the guest is gone`);
    else
      log.error(
        { ...fields, status },
        `${message}: ${status === 'refused' ? 'refused' : 'not known to have worked'}: ${detail ?? 'no reason given'}`,
      );
  }
}

/** The collector that the engine names when the hypervisor itself is the problem. */
const HYPERVISOR = 'hypervisor';

/** Of a guest that does not answer, the hypervisor port tells by itself, in its own words. */
function levelOf<L extends 'warn' | 'info'>(collector: string, level: L): L | 'debug' {
  return collector === HYPERVISOR ? 'debug' : level;
}

function isRefusal({ status }: Outcome): boolean {
  return status === 'refused' || status === 'failed';
}

function about(collector: string, message: string): string {
  return collector === HYPERVISOR
    ? message
    : `is not offered to the policy, or only in part: the ${collector} collector ${message}`;
}

/** The words without their numbers: "42 s old" and "47 s old" are the same condition. */
function wording(why: string): string {
  return why.replace(/\d+/g, '#');
}

export function positionText(position: SourcePosition | null): string {
  return position === null ? 'the policy' : `${position.file}:${position.line}:${position.column}`;
}

function positionField(position: SourcePosition | null) {
  return position === null ? {} : { position: positionText(position) };
}

function guestField(guest: GuestRef | null) {
  return guest === null ? {} : { guest: guest.name, uuid: guest.uuid };
}

function rounded(took: IntervalReport['took']) {
  return Object.fromEntries(Object.entries(took).map(([key, ms]) => [key, Math.round(ms * 10) / 10]));
}
