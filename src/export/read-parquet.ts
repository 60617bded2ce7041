import { open, type FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetRead, snappyUncompress, type FileMetaData } from 'hyparquet';
import { z } from 'zod';
import { unreadable } from '../model/file-errors.ts';
import { OperatorError } from '../support/operator-error.ts';
import { DIGEST_KEY, isIntact, newDigest } from './parquet-digest.ts';
import type { Value } from './rows.ts';

/** Larger files, groups of rows and pages were not written by an export, and would not fit into memory. */
const MOST_BYTES = 4 * 1024 ** 3;
const MOST_GROUP_BYTES = 512 * 1024 ** 2;
const MOST_GROUP_ROWS = 1_000_000;
const MOST_PAGE_BYTES = 256 * 1024 ** 2;
const MOST_METADATA_CHARACTERS = 4 * 1024 ** 2;

/** What `ballast export` says about the columns of a file. Other keys are left out. */
const columnsSchema = z.array(z.object({ name: z.string(), field: z.string().optional() })).max(10_000);

export type StoredColumn = z.output<typeof columnsSchema>[number];

/** A row by the names of its columns. */
export type StoredRow = Readonly<Record<string, Value | undefined>>;

/** A file cannot be read, or is no Parquet file of `ballast export`. */
export class ParquetError extends OperatorError {}

/** A Parquet file that `ballast export` wrote, read group by group. */
export class StoredTable {
  readonly path: string;
  readonly columns: readonly StoredColumn[];
  readonly #file: FileHandle;
  readonly #bytes: number;
  readonly #metadata: FileMetaData;

  private constructor(
    path: string,
    file: FileHandle,
    bytes: number,
    metadata: FileMetaData,
    columns: readonly StoredColumn[],
  ) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
    this.#metadata = metadata;
    this.columns = columns;
  }

  /** @throws ParquetError */
  static async open(path: string): Promise<StoredTable> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw new ParquetError(`${path}: ${unreadable(error) ?? String(error)}`, { cause: error });
    });
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new ParquetError(`${path}: this is not an ordinary file`);
      if (found.size > MOST_BYTES) throw new ParquetError(`${path}: larger than 4 GiB`);
      const metadata = await orDamaged(path, () => parquetMetadataAsync(bufferOf(file, found.size)));
      const columns = columnsIn(path, metadata);
      await checkDigest(path, bufferOf(file, found.size), metadata);
      return new StoredTable(path, file, found.size, metadata, columns);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @param names of the columns that the rows have; those that the file lacks are left out @throws ParquetError */
  async *rows(names: readonly string[]): AsyncGenerator<StoredRow, void> {
    const present = new Set(this.#metadata.schema.slice(1).map(({ name }) => name));
    const columns = names.filter((name) => present.has(name));
    let rowStart = 0;
    for (const { num_rows: count, total_byte_size: bytes } of this.#metadata.row_groups) {
      if (count > MOST_GROUP_ROWS || bytes > MOST_GROUP_BYTES)
        throw new ParquetError(`${this.path}: its groups of rows are larger than those of ballast export`);
      const rowEnd = rowStart + Number(count);
      yield* await this.#group(columns, rowStart, rowEnd);
      rowStart = rowEnd;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #group(columns: readonly string[], rowStart: number, rowEnd: number): Promise<readonly StoredRow[]> {
    let rows: readonly StoredRow[] = [];
    const options = {
      file: bufferOf(this.#file, this.#bytes),
      ...{ metadata: this.#metadata, columns: [...columns], rowStart, rowEnd },
      rowFormat: 'object' as const,
      compressors: { SNAPPY: boundedSnappy },
      onComplete: (read: readonly StoredRow[]) => {
        rows = read;
      },
    };
    await orDamaged(this.path, () => parquetRead(options));
    return rows;
  }
}

function columnsIn(path: string, { key_value_metadata: pairs = [] }: FileMetaData): readonly StoredColumn[] {
  const text = pairs.find(({ key }) => key === 'ballast.columns')?.value;
  if (text === undefined || text.length > MOST_METADATA_CHARACTERS)
    throw new ParquetError(`${path}: this Parquet file was not written by ballast export or simulate --parquet`);
  try {
    return columnsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ParquetError(`${path}: the list of columns in its metadata is damaged`, { cause: error });
  }
}

/** So much is read at once. */
const CHUNK_BYTES = 4 * 1024 ** 2;

/** The length of the footer, before the magic number at the end of the file. */
const FOOTER_TAIL_BYTES = 8;

/** @throws ParquetError for a file of which any byte has changed */
async function checkDigest(path: string, file: ReturnType<typeof bufferOf>, metadata: FileMetaData): Promise<void> {
  const value = metadata.key_value_metadata?.find(({ key }) => key === DIGEST_KEY)?.value;
  if (value === undefined) throw new ParquetError(`${path}: it has no digest: export the recording again`);
  const footerFrom = Math.max(0, file.byteLength - metadata.metadata_length - FOOTER_TAIL_BYTES);
  const digest = newDigest();
  const intact = await orDamaged(path, async () => {
    for (let at = 0; at < footerFrom; at += CHUNK_BYTES)
      digest.update(new Uint8Array(await file.slice(at, Math.min(at + CHUNK_BYTES, footerFrom))));
    return isIntact(new Uint8Array(await file.slice(footerFrom)), value, digest);
  });
  if (!intact) throw new ParquetError(`${path}: a damaged Parquet file: it is not what was written`);
}

function bufferOf(file: FileHandle, byteLength: number) {
  return {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      const length = Math.max(0, Math.min(end, byteLength) - start);
      const { buffer, byteOffset } = Buffer.alloc(length);
      const bytes = new Uint8Array(buffer, byteOffset, length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(bytes, done, length - done, start + done);
        if (bytesRead === 0) throw new Error('the file became shorter');
        done += bytesRead;
      }
      return bytes.slice().buffer;
    },
  };
}

function boundedSnappy(input: Uint8Array, outputLength: number): Uint8Array {
  if (outputLength > MOST_PAGE_BYTES) throw new Error('a page is too large');
  const output = new Uint8Array(outputLength);
  snappyUncompress(input, output);
  return output;
}

/** Whatever a reader of damaged bytes throws. */
async function orDamaged<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ParquetError(`${path}: not a Parquet file, or a damaged one: ${why}`, { cause: error });
  }
}
