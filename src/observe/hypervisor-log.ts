import { unwritable } from '../model/file-errors.ts';
import { safeGuestName } from '../model/guest-name.ts';
import type { HypervisorEvent } from '../ports/hypervisor.ts';
import type { RecordingEvent } from '../recording/writer.ts';
import type { LoggerOf } from './interval-log.ts';

/** Tells the log what happens to the daemon's surroundings, outside of any interval. */
export class EventLog {
  readonly #log: LoggerOf;
  /** Why there is no connection to libvirt, as it was told last; null while there is one. */
  #toldReason: string | null = null;

  constructor(log: LoggerOf) {
    this.#log = log;
  }

  tellRecording(event: RecordingEvent): void {
    const log = this.#log('record');
    if (event.kind === 'opened') log.info({ path: event.path }, `Recording to ${event.path}`);
    else if (event.kind === 'failed') {
      log.error(
        { path: event.path },
        `Intervals are not recorded: ${event.path}: ${unwritable(event.error) ?? event.error.message}; the rest of the daemon goes on`,
      );
    } else if (event.kind === 'ended')
      log.warn(
        { path: event.path, lost: event.lost },
        `The last ${event.lost} intervals were not recorded to ${event.path}`,
      );
    else
      log.warn(
        { path: event.path, lost: event.lost },
        `Recording again to ${event.path}; ${event.lost} intervals were lost`,
      );
  }

  tellHypervisor(event: HypervisorEvent): void {
    const log = this.#log('hypervisor');
    switch (event.kind) {
      case 'connected':
        this.#toldReason = null;
        return log.info({ uri: event.uri }, `Connected to ${event.uri}`);
      case 'disconnected': {
        const level = event.reason === this.#toldReason ? 'debug' : 'error';
        this.#toldReason = event.reason;
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
