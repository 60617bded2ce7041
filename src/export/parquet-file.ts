import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { DIGEST_KEY, newDigest, NO_DIGEST, sealFooter } from './parquet-digest.ts';
import type { Row, Value } from './rows.ts';
import type { Column, ColumnType } from './tables.ts';

/** Rows that are written together, and characters of texts after which they are written earlier. */
const GROUP_ROWS = 20_000;
const GROUP_CHARACTERS = 16 * 1024 * 1024;

const TYPES: Readonly<Record<ColumnType, object>> = {
  DOUBLE: { type: 'DOUBLE' },
  BOOLEAN: { type: 'BOOLEAN' },
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  TIMESTAMP: {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    converted_type: 'TIMESTAMP_MILLIS',
  },
};

/** One Parquet file, written group by group under another name until it is complete. */
export class ParquetFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #digest = newDigest();
  #file: FileHandle | null;
  #values: Value[][];
  #characters = 0;

  private constructor(
    path: string,
    temporary: string,
    columns: readonly Column[],
    file: FileHandle,
    createdBy: string,
  ) {
    this.path = path;
    this.#temporary = temporary;
    this.#columns = columns;
    this.#file = file;
    this.#values = columns.map(() => []);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type }) => ({ name, ...TYPES[type], repetition_type: 'OPTIONAL' as const })),
      ],
      kvMetadata: [
        { key: 'ballast.columns', value: JSON.stringify(columns) },
        { key: DIGEST_KEY, value: NO_DIGEST },
      ],
      createdBy,
    });
  }

  /** @throws an errno error */
  static async create(
    path: string,
    temporary: string,
    columns: readonly Column[],
    createdBy: string,
  ): Promise<ParquetFile> {
    return new ParquetFile(path, temporary, columns, await open(temporary, 'wx', 0o644), createdBy);
  }

  /** Whether {@link writeGroup} is due. */
  get isFull(): boolean {
    return this.#values[0]!.length >= GROUP_ROWS || this.#characters >= GROUP_CHARACTERS;
  }

  add(row: Row): void {
    row.forEach((value, at) => {
      this.#values[at]!.push(value);
      if (typeof value === 'string') this.#characters += value.length;
    });
  }

  /** Writes the rows so far. @throws an errno error */
  async writeGroup(): Promise<void> {
    const rows = this.#values[0]!.length;
    if (rows === 0) return;
    const columnData = this.#columns.map(({ name }, at) => ({ name, data: this.#values[at]! }));
    this.#values = this.#columns.map(() => []);
    this.#characters = 0;
    await this.#writer.write({ columnData, rowGroupSize: rows });
    const group = this.#taken();
    this.#digest.update(group);
    await this.#write(group);
  }

  /** Completes the file, still under its other name. @throws an errno error */
  async complete(): Promise<void> {
    await this.writeGroup();
    await this.#writer.finish();
    const footer = this.#taken();
    sealFooter(footer, this.#digest);
    await this.#write(footer);
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = null;
  }

  /** Gives the complete file its name, in the place of an older one. @throws an errno error */
  async publish(): Promise<void> {
    await rename(this.#temporary, this.path);
  }

  /** Removes it, unless it has its name. Never throws. */
  async discard(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  /** What the writer has made since the last time. */
  #taken(): Uint8Array {
    // Copied: the buffer is used again.
    const bytes = Uint8Array.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return bytes;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#file!.write(bytes, done);
      done += bytesWritten;
    }
  }
}
