import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../support/sync-directory.ts';
import { ParquetFile } from './parquet-file.ts';
import type { Row } from './rows.ts';
import { TABLES, type TableName, type Tables } from './tables.ts';

export interface PartitionOptions {
  /** The directory of all tables. */
  readonly root: string;
  readonly host: string;
  /** The name of the files without its ending: the same for the same recording file. */
  readonly name: string;
  readonly tables: Tables;
  /** For the metadata of the files. */
  readonly createdBy: string;
}

/** Days that are written at the same time: the clock may be set back over midnight. */
const OPEN_DAYS = 2;
const DAY_MS = 86_400_000;

type Day = Readonly<Record<TableName, ParquetFile>>;

/**
 * The files of one recording file: TABLE/date=DAY/host=NAME/START.parquet. They get their names together, at the end: until then, an
 * older export of the same recording stays as it is.
 */
export class Partitions {
  readonly #options: PartitionOptions;
  /** By the days since the epoch, in the order in which they began. */
  readonly #open = new Map<number, Day>();
  readonly #complete: ParquetFile[] = [];
  /** Files of each day, for a day that begins again after it was completed. */
  readonly #parts = new Map<number, number>();

  constructor(options: PartitionOptions) {
    this.#options = options;
  }

  /** @throws an errno error */
  async add(table: TableName, timeMs: number, row: Row): Promise<void> {
    const number = Math.floor(timeMs / DAY_MS);
    const file = (this.#open.get(number) ?? (await this.#begin(number)))[table];
    file.add(row);
    if (file.isFull) await file.writeGroup();
  }

  /** Completes all files, then names them. Returns their paths. @throws an errno error */
  async publish(): Promise<readonly string[]> {
    for (const number of [...this.#open.keys()]) await this.#end(number);
    for (const file of this.#complete) await file.publish();
    for (const folder of new Set(this.#complete.map(({ path }) => dirname(path)))) await syncDirectory(folder);
    return this.#complete.map(({ path }) => path);
  }

  /** Removes what has no name yet. Never throws. */
  async discard(): Promise<void> {
    const files = [...[...this.#open.values()].flatMap((day) => Object.values(day)), ...this.#complete];
    for (const file of files) await file.discard();
  }

  async #begin(number: number): Promise<Day> {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= OPEN_DAYS) await this.#end(oldest);
    const part = (this.#parts.get(number) ?? 0) + 1;
    this.#parts.set(number, part);
    const day: Partial<Record<TableName, ParquetFile>> = {};
    // Known from the first one on, so that it is removed after a failure of another.
    this.#open.set(number, day as Day);
    for (const table of TABLES) day[table] = await this.#create(table, number, part);
    return day as Day;
  }

  async #create(table: TableName, number: number, part: number): Promise<ParquetFile> {
    const { root, host, name, tables, createdBy } = this.#options;
    const date = new Date(number * DAY_MS).toISOString().replace(/T.*/, '');
    const folder = join(root, table, `date=${date}`, `host=${partitionValue(host)}`);
    for (const each of [root, join(root, table), dirname(folder), folder]) await makeFolder(each);
    const path = join(folder, `${name}${part === 1 ? '' : `-${part}`}.parquet`);
    // Readers of a table leave out names that begin with a dot.
    const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
    return ParquetFile.create(path, temporary, tables[table], createdBy);
  }

  async #end(number: number): Promise<void> {
    const day = this.#open.get(number)!;
    for (const table of TABLES) await day[table].complete();
    this.#open.delete(number);
    this.#complete.push(...TABLES.map((table) => day[table]));
  }
}

/** Not recursive: below /proc that never returns in Node. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** The value of a partition as Hive, Spark and DuckDB write it: other characters percent-encoded. */
export function partitionValue(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
