import type { Logger } from 'pino';
import { unwritable } from '../model/file-errors.ts';
import type { RecordingEvent } from '../recording/writer.ts';

/** Logs what happens to the recording's file. */
export function logRecordingEvent(log: Logger, event: RecordingEvent): void {
  const { path } = event;
  switch (event.kind) {
    case 'opened':
      return log.info({ path }, `Recording to ${path}`);
    case 'failed':
      return log.error(
        { path },
        `Intervals are not recorded: ${path}: ${unwritable(event.error) ?? event.error.message}; the rest of the daemon goes on`,
      );
    case 'ended':
      return log.warn({ path, lost: event.lost }, `The last ${event.lost} intervals were not recorded to ${path}`);
    case 'resumed':
      return log.warn({ path, lost: event.lost }, `Recording again to ${path}; ${event.lost} intervals were lost`);
  }
}
