import { openRecording } from './reader.ts';

/** When the first and the last interval of a recording were, milliseconds since the epoch. */
export interface RecordedTimes {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** @param files of one recording @returns null: nothing was recorded @throws RecordingError */
export async function recordedTimes(files: readonly string[]): Promise<RecordedTimes | null> {
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const file of files) {
    const { intervals } = await openRecording(file, { onCutOff: () => {} });
    for await (const { snapshot, context } of intervals) {
      if (context) continue;
      firstMs = Math.min(firstMs, snapshot.timeMs);
      lastMs = Math.max(lastMs, snapshot.timeMs);
    }
  }
  return firstMs === Infinity ? null : { firstMs, lastMs };
}
