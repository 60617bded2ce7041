import type { Logger } from 'pino';
import { safeGuestName } from '../model/guest-name.ts';
import type { HypervisorEvent } from '../ports/hypervisor.ts';

/** Logs events of the libvirt connection and of guests, which occur outside of intervals. */
export class HypervisorLog {
  readonly #log: Logger;
  /** The last logged reason for a missing libvirt connection; null while connected. */
  #loggedReason: string | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  logEvent(event: HypervisorEvent): void {
    const log = this.#log;
    switch (event.kind) {
      case 'connected':
        this.#loggedReason = null;
        return log.info({ uri: event.uri }, `Connected to ${event.uri}`);
      case 'disconnected': {
        const level = event.reason === this.#loggedReason ? 'debug' : 'error';
        this.#loggedReason = event.reason;
        return log[level](
          { retry_in_ms: event.retryInMs },
          `No connection to libvirt; retrying in ${event.retryInMs / 1000} s, KSM control continues: ${event.reason}`,
        );
      }
      case 'guest-appeared':
        return log.info(
          { guest: event.guest.name, uuid: event.guest.uuid },
          `guest:${safeGuestName(event.guest.name)} appeared`,
        );
      case 'guest-vanished':
        return log.info(
          { guest: event.guest.name, uuid: event.guest.uuid },
          `guest:${safeGuestName(event.guest.name)} vanished`,
        );
      case 'balloon-changed':
        return log.debug(
          { guest: event.guest.name, currentKib: event.currentKib },
          `guest:${safeGuestName(event.guest.name)} balloon is now ${event.currentKib} KiB`,
        );
      case 'call':
        return;
      case 'notice':
        return log.warn(
          event.guest === null ? {} : { guest: event.guest.name, uuid: event.guest.uuid },
          event.guest === null ? event.message : `guest:${safeGuestName(event.guest.name)} ${event.message}`,
        );
    }
  }
}
