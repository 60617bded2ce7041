import { NoRecordingError, RecordingError } from '../../recording/reader.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';

/**
 * Reports a recording that cannot be read.
 * @returns the exit code
 * @throws every other error
 */
export function recordingFailure(error: unknown, { stderr }: Pick<Io, 'stderr'>): number {
  if (!(error instanceof RecordingError)) throw error;
  stderr.write(`${error.message}\n`);
  return error instanceof NoRecordingError ? EXIT.usage : EXIT.problems;
}
