import { stat } from 'node:fs/promises';
import type { RecordedInterval, RecordingHeader } from '../../recording/format.ts';
import { openRecording, RecordingError } from '../../recording/reader.ts';
import { OperatorError } from '../../support/operator-error.ts';
import type { Io } from './io.ts';
import { Progress } from './progress.ts';
import { filesOf } from './recording-files.ts';

/** A file that can be opened as a recording. */
export interface RecordingFile {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly bytes: number;
}

/**
 * The files of recordings given on a command line, oldest first. A directory stands for the files in it.
 * @throws MomentError, NoRecordingError; errors of the file system
 */
export async function recordingFiles(
  given: readonly string[],
  warn: (message: string) => void,
): Promise<readonly RecordingFile[]> {
  const paths = new Set<string>();
  for (const path of given) for (const file of await filesOf(path, warn)) paths.add(file);
  const files: RecordingFile[] = [];
  for (const path of paths) {
    const { header, intervals } = await openRecording(path, { onCutOff: () => {} });
    try {
      // Taking an interval and stopping there closes the file.
      for await (const _first of intervals) break;
    } catch (error) {
      // Reported when it is read.
      if (!(error instanceof RecordingError)) throw error;
    }
    files.push({ path, header, bytes: (await stat(path)).size });
  }
  return files.sort((one, other) => Date.parse(one.header.started) - Date.parse(other.header.started));
}

/** @throws OperatorError when the recordings are of several hosts */
export function requireOneHost(files: readonly RecordingFile[], what: string): void {
  const names = new Map<string, string>();
  for (const { path, header } of files) {
    const { name } = header.host_props;
    if (typeof name === 'string' && !names.has(name)) names.set(name, path);
  }
  if (names.size < 2) return;
  const hosts = [...names].slice(0, 4).map(([name, path]) => `${JSON.stringify(name)} (${path})`);
  throw new OperatorError(`these are recordings of several hosts: ${hosts.join(', ')}; ${what}`);
}

/** What is done with the intervals of several recordings. */
export interface RecordingVisitor {
  begin(file: RecordingFile): void | Promise<void>;
  interval(interval: RecordedInterval): void | Promise<void>;
}

export interface ReadingOptions {
  readonly verb: string;
  readonly stop: AbortSignal;
  readonly warn: (message: string) => void;
}

/**
 * Reads recordings one after the other with a progress line. A file that is damaged is read up to the damage.
 * Returns whether all of them were read; aborted: not to the end.
 */
export async function visitRecordings(
  files: readonly RecordingFile[],
  visitor: RecordingVisitor,
  io: Pick<Io, 'stderr'>,
  { verb, stop, warn }: ReadingOptions,
): Promise<boolean> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = new Progress(io.stderr, total, verb);
  const report = (message: string) => {
    progress.clear();
    warn(message);
  };
  let [before, isWhole] = [0, true];
  try {
    for (const file of files) {
      const onProgress = (bytes: number) => progress.show(before + bytes);
      try {
        const { intervals } = await openRecording(file.path, { onCutOff: report, onProgress });
        await visitor.begin(file);
        for await (const interval of intervals) {
          if (stop.aborted) return false;
          await visitor.interval(interval);
        }
      } catch (error) {
        if (!(error instanceof RecordingError)) throw error;
        report(`${error.message}; read up to there`);
        isWhole = false;
      }
      before += file.bytes;
    }
  } finally {
    progress.clear();
  }
  return isWhole;
}
