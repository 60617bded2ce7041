import { basename } from 'node:path';
import { openRecording, RecordingError } from '../recording/reader.ts';
import { recordedTimes } from '../recording/times.ts';
import { NoDemandError, type Fitted } from '../simulation/import/fitted.ts';
import { MomFit, MomTimes } from '../simulation/import/mom/fit.ts';
import { RecordingFit } from '../simulation/import/recording/fit.ts';
import { fitTraces } from '../simulation/import/trace/fit.ts';
import { readerOf, FORMS, traceFormat } from '../simulation/import/trace/format.ts';
import { traceError } from '../simulation/import/trace/row.ts';
import { Traces } from '../simulation/import/trace/traces.ts';
import { firstLine, readTraceLines } from './trace-lines.ts';

/** A range of time, milliseconds since the epoch, both ends included. */
export interface SourceRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface FitOptions {
  /** Which part of a recording or a trace is used, given when it begins and ends. Absent: all. */
  readonly range?: ((firstMs: number, lastMs: number) => SourceRange) | null;
  /** Of the host, KiB, where the data do not say it. Absent: as much as its guests have. */
  readonly memoryKib?: number | null;
  /** Of a guest of which only a share is known, KiB. */
  readonly guestMemoryKib?: number;
  /** Whether bursts are added to traces with long steps. Absent: yes. */
  readonly bursts?: boolean;
  /** What is read only in part, or left out. */
  readonly warn: (message: string) => void;
}

/** A path without folder and ending. */
export function nameOf(path: string): string {
  const name = basename(path).replace(/(?:\.jsonl|\.ya?ml|\.csv|\.dat)?(?:\.gz)?$/, '');
  return name === '' || name === '.' || name === '..' ? 'imported' : name;
}

/** @param files of one recording, oldest first @throws NoDemandError */
export async function fitRecording(files: readonly string[], options: FitOptions): Promise<Fitted> {
  return (await recordingFit(files, options)).result(nameOf(files[0]!));
}

/** {@link fitRecording}, with what it was made of. */
export async function recordingFit(files: readonly string[], { range, warn }: FitOptions): Promise<RecordingFit> {
  const fit = new RecordingFit(files[0]!);
  try {
    const { fromMs, toMs } = await recordedRange(files, range ?? null);
    for (const file of files) {
      const { header, intervals } = await openRecording(file, { onCutOff: warn });
      fit.begin(header);
      for await (const interval of intervals) {
        const { timeMs } = interval.snapshot;
        if (timeMs >= fromMs && timeMs <= toMs) fit.add(interval);
      }
    }
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new NoDemandError(error.message, { cause: error });
  }
  return fit;
}

const ALL: SourceRange = { fromMs: -Infinity, toMs: Infinity };

async function recordedRange(files: readonly string[], range: (FitOptions['range'] & {}) | null): Promise<SourceRange> {
  if (range === null) return ALL;
  const times = await recordedTimes(files);
  return times === null ? ALL : range(times.firstMs, times.lastMs);
}

const GUEST_MEMORY_KIB = 4 * 1024 ** 2;

/** @param files CSV of any format, all of one host @throws NoDemandError */
export async function fitTraceFiles(path: string, files: readonly string[], options: FitOptions): Promise<Fitted> {
  const { range = null, memoryKib = null, guestMemoryKib = GUEST_MEMORY_KIB, bursts = true, warn } = options;
  const traces = new Traces();
  let hasShares = false;
  for (const file of files) {
    const line = await firstLine(file);
    const format = traceFormat(line);
    // A file that cannot be read has no first line either: reading it says why.
    if (line === '')
      await readTraceLines(
        file,
        () => {},
        () => {},
      );
    if (line === '') throw traceError({ file, line: 1 }, 1, `the file is empty; ${FORMS}`);
    if (format === null || format === 'mom') throw traceError({ file, line: 1 }, 1, 'not the header of a trace in CSV');
    hasShares ||= format === 'alibaba';
    const reader = readerOf(format, { file, name: nameOf(file), traces, guestMemoryKib });
    await readTraceLines(file, (text, number) => reader.line(text, number), warn);
  }
  const { scenario, inferred } = fitTraces(traces, {
    ...{ path, name: nameOf(path), memoryKib, addsBursts: bursts, range },
  });
  if (!hasShares) return { scenario, inferred };
  const size = `${Math.round(guestMemoryKib / 1024)} MiB`;
  const sentence = `the table has only the share of what a pod requested; each guest has ${size} (--guest-memory gives another)`;
  return { scenario, inferred: [sentence, ...inferred] };
}

/** @param files of MOM's plot directory @throws NoDemandError */
export async function fitMomFiles(path: string, files: readonly string[], options: FitOptions): Promise<Fitted> {
  const { range = null, memoryKib = null, warn } = options;
  const times = new MomTimes();
  for (const file of files) await readTraceLines(file, times.reader(file), () => {});
  if (times.firstMs > times.lastMs) throw new NoDemandError(`${path}: there are no rows`);
  const chosen = range?.(times.firstMs, times.lastMs) ?? ALL;
  const fit = new MomFit(path, { fromMs: Math.max(times.firstMs, chosen.fromMs), toMs: chosen.toMs });
  for (const file of files) await readTraceLines(file, fit.reader(file, nameOf(file)), warn);
  return fit.result(nameOf(path), memoryKib);
}
