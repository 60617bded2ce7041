import { gzipSync } from 'node:zlib';
import { encodeInterval, type RecordedInterval, type RecordingHeader } from '../../recording/format.ts';
import { openRecording, RecordingError } from '../../recording/reader.ts';
import { endOf, isIn, startOf, type Window } from './window.ts';

/** A piece of a recording, itself a recording. */
export interface Slice {
  readonly gz: Buffer;
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervals: number;
  /** What is not in it. */
  readonly notes: readonly string[];
}

/** Of one slice, before and after it is compressed, bytes. */
const MOST_BYTES = 64 * 1024 ** 2;
const MOST_GZ_BYTES = 3 * 1024 ** 2;
/** A slice that is too large is halved so often. */
const MOST_HALVINGS = 12;

/**
 * The intervals of a file in a window, with those before that a policy looks back on. If they are too many, those closest to its middle.
 * null: it has none.
 * @throws RecordingError if not even the first line can be read; errors of the file system
 */
export async function sliceOf(file: string, window: Window): Promise<Slice | null> {
  const notes: string[] = [];
  let { halfMs } = window;
  for (let halvings = 0; halvings <= MOST_HALVINGS; halvings += 1) {
    const found = await read(file, { ...window, halfMs });
    if (found === null) return null;
    if (found !== 'too large') {
      const gz = gzipSync(found.text);
      const { fromMs, toMs, intervals } = found;
      if (gz.length <= MOST_GZ_BYTES) return { gz, fromMs, toMs, intervals, notes: [...notes, ...found.notes] };
    }
    halfMs /= 2;
    notes.splice(0, 1, `only ${Math.round(halfMs / 1000)} s before and after: more would be too large`);
  }
  throw new RecordingError(`${file}: a single interval is too large for a report`);
}

interface Text {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervals: number;
  readonly notes: readonly string[];
}

async function read(file: string, window: Window): Promise<Text | 'too large' | null> {
  const notes = new Set<string>();
  const { header, intervals } = await openRecording(file, { onCutOff: (message) => notes.add(message) });
  const before: RecordedInterval[] = [];
  const lookedBackOn = header.kept ?? header.history;
  let parameters: RecordedInterval['parameters'] = header.parameters;
  let isFirst = true;
  let [fromMs, toMs] = [Infinity, -Infinity];
  const lines: string[] = [];
  let bytes = 0;
  const keep = (interval: RecordedInterval): boolean => {
    const line = encodeInterval(interval, header.guest_props);
    lines.push(line);
    bytes += line.length + 1;
    return bytes <= MOST_BYTES;
  };
  try {
    for await (const interval of intervals) {
      // Stopping here closes the file.
      if (Date.parse(header.started) > endOf(window)) break;
      const { timeMs } = interval.snapshot;
      if (interval.context || !isIn(window, timeMs)) {
        if (fromMs === Infinity) {
          parameters = interval.parameters ?? parameters;
          before.push(asContext(interval));
          if (before.length > lookedBackOn) before.shift();
          if (!interval.context) isFirst = false;
        }
        continue;
      }
      if (fromMs === Infinity && !before.every(keep)) return 'too large';
      if (!keep(interval)) return 'too large';
      fromMs = Math.min(fromMs, timeMs);
      toMs = Math.max(toMs, timeMs);
    }
  } catch (error) {
    // What was read before is worth having.
    if (!(error instanceof RecordingError) || lines.length === 0) throw error;
    notes.add(error.message);
  }
  if (lines.length === 0) return null;
  if (!isFirst) notes.add('variables and timers of the policies are those at the beginning of the file');
  const first = headerLine(header, Math.max(fromMs, startOf(window)), parameters);
  const count = lines.length - before.length;
  return { text: `${[first, ...lines].join('\n')}\n`, fromMs, toMs, intervals: count, notes: [...notes] };
}

function asContext({ snapshot }: RecordedInterval): RecordedInterval {
  return { snapshot, context: true, policy: null };
}

function headerLine(header: RecordingHeader, startedMs: number, parameters: RecordedInterval['parameters']): string {
  const started = new Date(startedMs).toISOString();
  return JSON.stringify({ ...header, started, ...(parameters && { parameters }) });
}
