import { recordedTimes } from '../../recording/times.ts';
import { endOfMoment, readMoment } from './moment.ts';

/** Times of intervals, milliseconds since the epoch, both included. */
export interface RecordedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The times that a command line means. Times of day refer to the days of the recording: these have to be known first.
 * @param from a time as on the command line; null: no limit
 * @param to the same
 * @throws MomentError, RecordingError
 */
export async function recordedRange(
  files: readonly string[],
  from: string | null,
  to: string | null,
): Promise<RecordedRange> {
  if (from === null && to === null) return { fromMs: -Infinity, toMs: Infinity };
  const times = await recordedTimes(files);
  // Nothing is in the recording, nor in any range.
  if (times === null) return { fromMs: -Infinity, toMs: Infinity };
  const { firstMs, lastMs } = times;
  return {
    fromMs: from === null ? -Infinity : readMoment(from, firstMs, lastMs),
    toMs: to === null ? Infinity : endOfMoment(to, firstMs, lastMs, 0),
  };
}
