import type { Logger } from 'pino';
import { unwritable } from '../model/file-errors.ts';
import type { RecordingEvent } from '../recording/writer.ts';

/** Logs events of the recording file. */
export function logRecordingEvent(log: Logger, event: RecordingEvent): void {
  const { path } = event;
  switch (event.kind) {
    case 'opened':
      return log.info({ path }, `Recording to ${path}`);
    case 'failed':
      return log.error(
        { path },
        `Cannot record intervals: ${failureText(event)}; the daemon continues, and keeps them in memory for now`,
      );
    case 'ended':
      return log.warn({ path, lost: event.lost }, `The last ${event.lost} intervals were not recorded to ${path}`);
    case 'resumed':
      return log.warn(
        { path, lost: event.lost },
        `Recording resumed to ${path}; ${event.lost === 0 ? 'nothing' : `${event.lost} intervals`} lost`,
      );
  }
}

export function failureText({ path, error }: RecordingEvent & { readonly kind: 'failed' }): string {
  return `${path}: ${unwritable(error) ?? error.message}`;
}
