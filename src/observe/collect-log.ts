import { safeGuestName } from '../model/guest-name.ts';
import type { CollectProblem, Snapshot } from '../model/snapshot.ts';
import { ChangeTracker } from '../engine/changes.ts';
import { guestField } from './log-fields.ts';
import type { LoggerOf } from './log/logger.ts';

/** The collector that the engine names when the hypervisor itself is the problem. */
const HYPERVISOR = 'hypervisor';

/** Logs the problems of collecting when they begin and when they end. */
export class CollectLog {
  readonly #log: LoggerOf;
  readonly #problems = new ChangeTracker<CollectProblem>(({ collector, guest }) => `${collector} ${guest?.uuid ?? ''}`);
  /** As they were when guests could be read last. */
  #guestProblems: readonly CollectProblem[] = [];

  constructor(log: LoggerOf) {
    this.#log = log;
  }

  logInterval({ problems, guests }: Snapshot): void {
    // Without a reading of the guests nothing is known of them: their problems are neither over nor, afterwards, new.
    const guestsAreKnown = !problems.some(({ collector, guest }) => collector === HYPERVISOR && guest === null);
    if (guestsAreKnown) this.#guestProblems = problems.filter(({ guest }) => guest !== null);
    const { began, ended } = this.#problems.update([
      ...problems.filter(({ guest }) => guest === null),
      ...this.#guestProblems,
    ]);
    for (const problem of began) this.#logBegin(problem);
    const offered = new Set(guests.map(({ uuid }) => uuid));
    for (const problem of ended) this.#logEnd(problem, offered);
  }

  #logBegin({ collector, guest, message }: CollectProblem): void {
    const log = this.#log('collect');
    const fields = { collector, ...guestField(guest) };
    if (guest !== null) {
      log[levelOf(collector, 'warn')](fields, `guest:${safeGuestName(guest.name)} ${ofGuest(collector, message)}`);
    } else if (collector === HYPERVISOR) log.warn(fields, `No guests can be read: ${message}`);
    else log.warn(fields, `The ${collector} collector: ${message}`);
  }

  /** @param offered the guests that the policy is shown */
  #logEnd({ collector, guest }: CollectProblem, offered: ReadonlySet<string>): void {
    const log = this.#log('collect');
    const fields = { collector, ...guestField(guest) };
    if (guest === null)
      log.info(
        fields,
        collector === HYPERVISOR ? 'The guests can be read again' : `The ${collector} collector works again`,
      );
    else if (offered.has(guest.uuid)) {
      log[levelOf(collector, 'info')](
        fields,
        `guest:${safeGuestName(guest.name)} gives its statistics again (${collector})`,
      );
    }
  }
}

/** Of a guest that does not answer, the hypervisor port tells by itself, in its own words. */
function levelOf<L extends 'warn' | 'info'>(collector: string, level: L): L | 'debug' {
  return collector === HYPERVISOR ? 'debug' : level;
}

function ofGuest(collector: string, message: string): string {
  return collector === HYPERVISOR
    ? message
    : `is not offered to the policy, or only in part: the ${collector} collector ${message}`;
}
