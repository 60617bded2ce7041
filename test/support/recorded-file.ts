import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encodeInterval, type RecordedInterval, type RecordingHeader } from '../../src/recording/format.ts';

/** Writes intervals as a recording, as the daemon's files are. */
export async function writeRecording(
  path: string,
  header: RecordingHeader,
  intervals: Iterable<RecordedInterval>,
): Promise<void> {
  function* lines(): Generator<string> {
    yield `${JSON.stringify(header)}\n`;
    for (const interval of intervals) yield `${encodeInterval(interval, header.guest_props)}\n`;
  }
  await pipeline(Readable.from(lines()), createWriteStream(path));
}
