import type { Logger } from 'pino';
import { safeGuestName } from '../model/guest-name.ts';
import type { HypervisorEvent } from '../ports/hypervisor.ts';

/** Logs what happens to the connection to libvirt and to guests, outside of any interval. */
export class HypervisorLog {
  readonly #log: Logger;
  /** Why there is no connection to libvirt, as it was logged last; null while there is one. */
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
          `No connection to libvirt, which is tried again and again; KSM goes on: ${event.reason}`,
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
          `guest:${safeGuestName(event.guest.name)} has a balloon of ${event.currentKib} KiB now`,
        );
      case 'notice':
        return log.warn(
          event.guest === null ? {} : { guest: event.guest.name, uuid: event.guest.uuid },
          event.guest === null ? event.message : `guest:${safeGuestName(event.guest.name)} ${event.message}`,
        );
    }
  }
}
