import { Partitions, partitionValue } from '../../export/partitions.ts';
import { Rows, type Row } from '../../export/rows.ts';
import { tablesOf, type TableName, type Tables } from '../../export/tables.ts';
import { unwritable } from '../../model/file-errors.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { NoRecordingError } from '../../recording/reader.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { recordingFiles, visitRecordings, type RecordingFile } from '../support/all-recordings.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { count } from '../support/units.ts';
import { VERSION } from '../version.ts';

export interface ExportOptions {
  readonly recordings: readonly string[];
  /** The directory of the tables. */
  readonly root: string;
  /** null: as recorded. */
  readonly host: string | null;
}

/** A recording file and where its rows go. */
interface Source {
  readonly file: RecordingFile;
  readonly host: string;
  /** The name of its files. */
  readonly name: string;
}

/**
 * `ballast export`: writes recordings as Parquet tables, one recording file after the other.
 * @throws OperatorError for files that are not there or no recordings, and for a directory that cannot be written
 */
export async function exportRecordings(
  { recordings, root, host }: ExportOptions,
  io: Io,
  stop: AbortSignal,
  vocabulary: Vocabulary,
): Promise<number> {
  const warn = (message: string) => io.stderr.write(`warning: ${message}\n`);
  try {
    const sources = sourcesOf(await recordingFiles(recordings, warn), host);
    const tables = tablesOf(vocabulary);
    warnOfUnknown(sources, tables, warn);
    let [isWhole, written] = [true, 0];
    for (const source of sources) {
      const done = await exportOne(source, root, tables, io, stop, warn);
      if (stop.aborted) {
        io.stderr.write(`interrupted: ${source.file.path} was not exported\n`);
        return EXIT.problems;
      }
      isWhole &&= done.isWhole;
      written += done.files;
    }
    io.stdout.write(`${count(written, 'file')} in ${root}\n`);
    return isWhole ? EXIT.ok : EXIT.problems;
  } catch (error) {
    if (error instanceof NoRecordingError) throw new OperatorError(error.message, { cause: error });
    throw error;
  }
}

async function exportOne(
  { file, host, name }: Source,
  root: string,
  tables: Tables,
  io: Io,
  stop: AbortSignal,
  warn: (message: string) => void,
): Promise<{ readonly isWhole: boolean; readonly files: number }> {
  const partitions = new Partitions({ root, host, name, tables, createdBy: `ballast ${VERSION}` });
  let waiting: (readonly [TableName, number, Row])[] = [];
  const rows = new Rows(file.header, tables, (...row) => waiting.push(row));
  const writeWaiting = async () => {
    const due = waiting;
    waiting = [];
    for (const row of due) await partitions.add(...row);
  };
  try {
    const visitor = {
      begin: () => {},
      interval: async (interval: Parameters<Rows['add']>[0]) => {
        rows.add(interval);
        await writeWaiting();
      },
    };
    const isWhole = await visitRecordings([file], visitor, io, { verb: `${file.path}: exported`, stop, warn });
    if (stop.aborted) return { isWhole: false, files: 0 };
    rows.end();
    await writeWaiting();
    return { isWhole, files: (await partitions.publish()).length };
  } catch (error) {
    const why = unwritable(error);
    if (why === null || error instanceof OperatorError) throw error;
    const { path } = error as NodeJS.ErrnoException;
    throw new OperatorError(`${path ?? root} cannot be written: ${why}`, { cause: error });
  } finally {
    await partitions.discard();
  }
}

/** Longest name of a directory on usual file systems, less `host=`. */
const LONGEST_NAME = 250;

/** @throws OperatorError when the host of a file is unknown, or two files would be written to the same place */
function sourcesOf(files: readonly RecordingFile[], given: string | null): readonly Source[] {
  const places = new Map<string, string>();
  return files.map((file): Source => {
    const { path, header } = file;
    const recorded = header.host_props['name'];
    const host = given ?? (typeof recorded === 'string' ? recorded : null);
    if (host === null || host === '')
      throw new OperatorError(`${path}: the recording does not name its host; --host NAME does`);
    if (partitionValue(host).length > LONGEST_NAME)
      throw new OperatorError(`${path}: the name of the host is too long for a directory; --host NAME gives another`);
    const startedMs = Date.parse(header.started);
    if (Number.isNaN(startedMs)) throw new OperatorError(`${path}:1: "started" in the first line is not a time`);
    const name = new Date(startedMs).toISOString().replace(/[-:.]/g, '');
    const other = places.get(`${host}/${name}`);
    if (other !== undefined)
      throw new OperatorError(
        `${path} and ${other} are the same recording: host ${JSON.stringify(host)}, begun at ${header.started}`,
      );
    places.set(`${host}/${name}`, path);
    return { file, host, name };
  });
}

const MOST_NAMED = 10;

/** Fields of a site's plugins have columns only if the plugins are known. */
function warnOfUnknown(sources: readonly Source[], tables: Tables, warn: (message: string) => void): void {
  const known = new Set([...tables.host, ...tables.guests].flatMap(({ field }) => field ?? []));
  const fields = sources.flatMap(({ file: { header } }) => [...header.host_fields, ...header.guest_fields]);
  const unknown = [...new Set(fields)].filter((field) => !known.has(field));
  if (unknown.length === 0) return;
  const rest = unknown.length - MOST_NAMED;
  const names = unknown.slice(0, MOST_NAMED).map((name) => JSON.stringify(name)).join(', '); // prettier-ignore
  warn(
    `${names}${rest > 0 ? ` and ${rest} more` : ''}: unknown fields, which are left out; --config FILE loads the plugins that collect them`,
  );
}
