import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Outcome } from '../model/decision.ts';
import type { FieldValue, Sample } from '../model/field.ts';
import type { GuestSnapshot } from '../model/snapshot.ts';
import type { RecordedInterval, RecordingHeader } from '../recording/format.ts';
import { ParquetError, StoredTable, type StoredRow } from './read-parquet.ts';
import { TABLES, type TableName } from './tables.ts';

/** A file of a partition, in whichever table it was named. */
interface Place {
  readonly root: string;
  readonly date: string;
  readonly host: string;
  readonly name: string;
}

const FORM = 'TABLE/date=DAY/host=NAME, as ballast export makes them';

/** @throws ParquetError when a path is no file in a partition */
function placeOf(path: string): Place {
  const folder = dirname(resolve(path));
  const [host, date, table] = [folder, dirname(folder), dirname(dirname(folder))];
  const isPlace =
    basename(host).startsWith('host=') &&
    basename(date).startsWith('date=') &&
    (TABLES as readonly string[]).includes(basename(table));
  if (!isPlace) throw new ParquetError(`${path}: the directories above it are not ${FORM}`);
  return { root: dirname(table), date: basename(date), host: basename(host), name: basename(path) };
}

/** The host of a partition, from the name of its directory. @throws ParquetError */
export function partitionHost(path: string): string {
  const value = placeOf(path).host.slice('host='.length);
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** One file of a partition as the intervals that it was made of: statistics and balloon targets, not the requests behind them. */
export interface StoredIntervals {
  readonly header: RecordingHeader;
  readonly intervals: AsyncGenerator<RecordedInterval, void>;
}

/**
 * @param path a file in a partition of any table; the others are found beside it
 * @throws ParquetError, also while intervals are read
 */
export async function readPartition(path: string): Promise<StoredIntervals> {
  const { root, date, host, name } = placeOf(path);
  const fileIn = (table: TableName): string => join(root, table, date, host, name);
  const tables = await openTables(fileIn);
  const fields = { host: fieldsOf(tables.host), guests: fieldsOf(tables.guests) };
  const header: RecordingHeader = {
    ...{ ballast_recording: 1, started: new Date(0).toISOString(), host_props: { name: partitionHost(path) } },
    ...{ collect_interval_ms: 5000, policy_interval_ms: null, history: 1, memory: { host: {}, guests: {} } },
    host_fields: fields.host.map(({ field }) => field),
    guest_fields: fields.guests.map(({ field }) => field),
    guest_props: [],
  };
  return { header, intervals: intervalsOf(tables, fields) };
}

/** @throws ParquetError */
async function openTables(fileIn: (table: TableName) => string): Promise<StoredTables> {
  const host = await StoredTable.open(fileIn('host'));
  const opened = [host];
  try {
    const guests = await StoredTable.open(fileIn('guests'));
    opened.push(guests);
    // A table without it was copied in part: balloons are then seen to move without a target.
    const decisions = existsSync(fileIn('decisions')) ? await StoredTable.open(fileIn('decisions')) : null;
    return { host, guests, decisions };
  } catch (error) {
    for (const table of opened) await table.close();
    throw error;
  }
}

interface Field {
  readonly name: string;
  readonly field: string;
}

function fieldsOf({ columns }: StoredTable): readonly Field[] {
  return columns.flatMap(({ name, field }) => (field === undefined ? [] : [{ name, field }]));
}

interface StoredTables {
  readonly host: StoredTable;
  readonly guests: StoredTable;
  readonly decisions: StoredTable | null;
}

async function* intervalsOf(
  tables: StoredTables,
  fields: Readonly<Record<'host' | 'guests', readonly Field[]>>,
): AsyncGenerator<RecordedInterval, void> {
  const names = (own: readonly Field[]): readonly string[] => own.map(({ name }) => name);
  const guests = new Ahead(tables.guests.rows(['time', 'guest', 'uuid', ...names(fields.guests)]));
  const decisions = new Ahead(
    tables.decisions?.rows(['time', 'guest', 'uuid', 'control', 'to_value', 'status']) ?? null,
  );
  try {
    for await (const row of tables.host.rows(['time', ...names(fields.host)])) {
      const timeMs = timeOf(row);
      if (timeMs === null) continue;
      const host = sampleOf(row, fields.host);
      const snapshot = {
        timeMs,
        host: host.every((value) => value === null) ? null : host,
        guests: (await guests.until(timeMs)).flatMap((each) => guestOf(each, fields.guests)),
        problems: [],
      };
      const outcomes = (await decisions.until(timeMs)).flatMap(outcomeOf);
      const policy = outcomes.length === 0 ? null : { requests: [], errors: [], held: [], outcomes };
      yield { snapshot, context: false, policy };
    }
  } finally {
    for (const table of [tables.host, tables.guests, tables.decisions]) await table?.close();
  }
}

/** Rows in the order of time, taken up to a time. */
class Ahead {
  readonly #rows: AsyncGenerator<StoredRow, void> | null;
  #next: StoredRow | null = null;

  /** @param rows null: there are none */
  constructor(rows: AsyncGenerator<StoredRow, void> | null) {
    this.#rows = rows;
  }

  /** Those of this time; earlier ones are left out: no interval has them. */
  async until(timeMs: number): Promise<readonly StoredRow[]> {
    const found: StoredRow[] = [];
    for (;;) {
      this.#next ??= (await this.#rows?.next())?.value ?? null;
      if (this.#next === null) return found;
      const atMs = timeOf(this.#next);
      if (atMs !== null && atMs > timeMs) return found;
      if (atMs === timeMs) found.push(this.#next);
      this.#next = null;
    }
  }
}

function timeOf({ time }: StoredRow): number | null {
  const ms = time instanceof Date ? time.getTime() : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}

function sampleOf(row: StoredRow, fields: readonly Field[]): Sample {
  return fields.map(({ name }): FieldValue => {
    const value = row[name];
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    return typeof value === 'string' || typeof value === 'boolean' ? value : null;
  });
}

function guestOf(row: StoredRow, fields: readonly Field[]): readonly GuestSnapshot[] {
  const { guest: name, uuid } = row;
  if (typeof name !== 'string' || typeof uuid !== 'string') return [];
  return [{ name, uuid, props: { name, uuid }, sample: sampleOf(row, fields) }];
}

const STATUSES = ['done', 'refused', 'failed', 'gone', 'pending', 'dry-run'] as const;

function outcomeOf({ guest: name, uuid, control, to_value: to, status }: StoredRow): readonly Outcome[] {
  const known = STATUSES.find((each) => each === status);
  if (known === undefined || typeof control !== 'string' || typeof to !== 'number') return [];
  const guest = typeof name === 'string' && typeof uuid === 'string' ? { name, uuid } : null;
  const action = {
    ...{ controller: 'stored', control, guest, from: null, to, message: `${control} ${to}` },
    ...{ reason: null, position: null, notes: [] },
  };
  return [{ action, status: known, detail: null }];
}
