import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from '../model/file-errors.ts';
import { openRecording } from '../recording/reader.ts';
import { MOST_GUESTS } from '../simulation/scenario/model.ts';
import { FORMS, traceFormat } from '../simulation/import/trace/format.ts';
import { traceError } from '../simulation/import/trace/row.ts';
import { OperatorError } from '../support/operator-error.ts';
import { isDescriptor } from '../support/read-limited.ts';
import { firstLine } from './trace-lines.ts';

/** What a source is, by its content. */
export type SourceKind = 'scenario' | 'recording' | 'partition' | 'trace' | 'mom';

export interface SourceFiles {
  readonly kind: SourceKind;
  /** Oldest first. */
  readonly files: readonly string[];
}

const BY_ENDING = [
  { ending: /\.jsonl(?:\.gz)?$/, kind: 'recording' },
  { ending: /\.parquet$/, kind: 'partition' },
  { ending: /\.dat(?:\.gz)?$/, kind: 'mom' },
  { ending: /\.csv(?:\.gz)?$/, kind: 'trace' },
] as const;

/** The files of a source: itself, or those in a directory. @throws OperatorError when it is none */
export async function sourceFiles(path: string): Promise<SourceFiles> {
  // What is read from a pipe is gone: only a scenario is read at once.
  if (isDescriptor(path)) return { kind: 'scenario', files: [path] };
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return filesIn(path);
  return { kind: kindOf(path, await firstLine(path)), files: [path] };
}

function kindOf(path: string, line: string): SourceKind {
  if (line.startsWith('PAR1')) return 'partition';
  const format = traceFormat(line);
  if (format !== null) return format === 'mom' ? 'mom' : 'trace';
  if (line.startsWith('{"ballast_recording"') || /\.jsonl(?:\.gz)?$/.test(path)) return 'recording';
  // Empty or unreadable: the reader of its kind says why.
  if (line === '') return BY_ENDING.find(({ ending }) => ending.test(path))?.kind ?? 'scenario';
  if (/\.(?:csv|dat)(?:\.gz)?$/.test(path)) throw traceError({ file: path, line: 1 }, 1, FORMS);
  return 'scenario';
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    throw new OperatorError(`${folder}: the directory cannot be read: ${why}`, { cause: error });
  }
}

async function filesIn(folder: string): Promise<SourceFiles> {
  const names = (await entriesOf(folder)).sort();
  const kinds = BY_ENDING.map(({ ending, kind }) => ({ kind, names: names.filter((name) => ending.test(name)) }));
  const [found, another] = kinds.filter((each) => each.names.length > 0);
  if (found === undefined && names.some((name) => /^(?:date|host)=/.test(name)))
    throw new OperatorError(`${folder}: these are several partitions; give one, such as guests/date=DAY/host=NAME`);
  if (found === undefined)
    throw new OperatorError(
      `${folder}: this directory has no recordings (*.jsonl), no tables (*.parquet), no plots of MOM (*.dat) and no traces (*.csv)`,
    );
  if (another !== undefined)
    throw new OperatorError(
      `${folder}: this directory has ${found.names[0]} and ${another.names[0]}; give files of one kind`,
    );
  if (found.names.length > MOST_GUESTS)
    throw new OperatorError(
      `${folder}: this directory has more than ${MOST_GUESTS} files; take some of them into another`,
    );
  const files = found.names.map((name) => join(folder, name));
  return { kind: found.kind, files: found.kind === 'recording' ? await oldestFirst(files) : files };
}

/** By the times at which they begin. */
export async function oldestFirst(files: readonly string[]): Promise<readonly string[]> {
  if (files.length < 2) return files;
  const started: { file: string; ms: number }[] = [];
  for (const file of files) {
    const { header, intervals } = await openRecording(file, { onCutOff: () => {} });
    // Taking an interval and stopping there closes the file.
    for await (const _first of intervals) break;
    started.push({ file, ms: Date.parse(header.started) });
  }
  return started.sort((a, b) => a.ms - b.ms).map(({ file }) => file);
}
