import { safeGuestName } from '../model/guest-name.ts';
import type { CollectProblem, Snapshot } from '../model/snapshot.ts';
import { HYPERVISOR } from '../model/unread-guests.ts';
import { ChangeTracker } from '../engine/changes.ts';
import { guestField } from './log-fields.ts';
import type { LoggerOf } from './log/logger.ts';

/** Logs each collect problem when it begins and when it ends. */
export class CollectLog {
  readonly #log: LoggerOf;
  readonly #problems = new ChangeTracker<CollectProblem>(({ collector, guest }) => `${collector} ${guest?.uuid ?? ''}`);
  /** Guest problems of the last snapshot in which guests could be read. */
  #guestProblems: readonly CollectProblem[] = [];

  constructor(log: LoggerOf) {
    this.#log = log;
  }

  logInterval({ problems, guests }: Snapshot): void {
    // While guests cannot be read, keep their last known problems, so that none is logged again later.
    const guestsAreKnown = !problems.some(({ collector, guest }) => collector === HYPERVISOR && guest === null);
    if (guestsAreKnown) this.#guestProblems = problems.filter(({ guest }) => guest !== null);
    const { began, ended } = this.#problems.update([
      ...problems.filter(({ guest }) => guest === null),
      ...this.#guestProblems,
    ]);
    for (const problem of began) this.#logBegin(problem);
    const evaluated = new Set(guests.map(({ uuid }) => uuid));
    for (const problem of ended) this.#logEnd(problem, evaluated);
  }

  #logBegin({ collector, guest, message, told }: CollectProblem): void {
    const log = this.#log('collect');
    const fields = { collector, ...guestField(guest) };
    if (guest !== null) {
      log[told === true ? 'debug' : levelOf(collector, 'warn')](
        fields,
        `guest:${safeGuestName(guest.name)} ${ofGuest(collector, message)}`,
      );
    } else if (collector === HYPERVISOR) log.warn(fields, `Cannot read guests: ${message}`);
    else log.warn(fields, `Collector ${collector}: ${message}`);
  }

  /** @param evaluated uuids of the guests that the policy evaluates */
  #logEnd({ collector, guest }: CollectProblem, evaluated: ReadonlySet<string>): void {
    const log = this.#log('collect');
    const fields = { collector, ...guestField(guest) };
    if (guest === null)
      log.info(fields, collector === HYPERVISOR ? 'Guests can be read again' : `Collector ${collector} works again`);
    else if (evaluated.has(guest.uuid)) {
      log[levelOf(collector, 'info')](
        fields,
        `guest:${safeGuestName(guest.name)} reports statistics again (${collector})`,
      );
    }
  }
}

/** The hypervisor port reports unresponsive guests itself. */
function levelOf<L extends 'warn' | 'info'>(collector: string, level: L): L | 'debug' {
  return collector === HYPERVISOR ? 'debug' : level;
}

function ofGuest(collector: string, message: string): string {
  return collector === HYPERVISOR
    ? message
    : `incomplete statistics, possibly excluded from policy evaluation: collector ${collector} ${message}`;
}
