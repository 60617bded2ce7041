import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ParquetFile } from '../../../src/export/parquet-file.ts';
import { exportRecordings } from '../../../src/cli/handlers/export.ts';
import { usualPlugins } from '../../../src/compose/plugins.ts';
import { loadSource, type LoadedSource } from '../../../src/compose/scenario-source.ts';
import { NoDemandError } from '../../../src/simulation/import/fitted.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { DAY_FROM, DAY_HEADER, recordedDay } from '../../support/recorded-day.ts';
import { writeRecording } from '../../support/recorded-file.ts';

const warn = (message: string): void => {
  throw new Error(message);
};
const NEVER = new AbortController().signal;

let folder: string;
/** What was exported, and a copy of it that a test may damage. */
let tables: string;
let recorded: LoadedSource;

const partition = (table = 'guests', host = 'kvm-3'): string => join(tables, table, 'date=2026-03-02', `host=${host}`);
const FILE = '20260302T223000000Z.parquet';

async function exportTo(root: string, name: string, host: string | null = null): Promise<void> {
  const io = capturedIo();
  await exportRecordings({ recordings: [join(folder, name)], root, host }, io, NEVER, usualPlugins().vocabulary);
  expect(io.stderr.text).toBe('');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-partition-'));
  const intervals = [...recordedDay({ guests: 4, intervals: 900 })];
  await writeRecording(join(folder, 'kvm-3.jsonl'), DAY_HEADER, intervals);
  recorded = await loadSource([join(folder, 'kvm-3.jsonl')], { warn });
  await exportTo(join(folder, 'exported'), 'kvm-3.jsonl');
});
beforeEach(async () => {
  tables = await mkdtemp(join(folder, 'tables-'));
  await cp(join(folder, 'exported'), tables, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

describe('a partition of the tables of an export', () => {
  it.each(['guests', 'host', 'decisions', 'holds'])(
    'is the same scenario as the recording that it was made of, from the table %s',
    async (table) => {
      expect(await loadSource([partition(table)], { warn })).toEqual({ ...recorded, kind: 'partition' });
    },
  );

  it('is found by its file, too', async () => {
    expect((await loadSource([join(partition(), FILE)], { warn })).scenario).toEqual(recorded.scenario);
  });

  it('can be used in part, as the recording can', async () => {
    const range = () => ({ fromMs: DAY_FROM + 600_000, toMs: DAY_FROM + 1_800_000 });
    const part = await loadSource([partition()], { warn, range });
    expect(part.scenario.durationS).toBe(1200);
    expect(part.scenario).toEqual((await loadSource([join(folder, 'kvm-3.jsonl')], { warn, range })).scenario);
  });

  it('has the name of its host, decoded', async () => {
    await exportTo(tables, 'kvm-3.jsonl', 'größe 1');
    const { scenario } = await loadSource([partition('guests', encodeURIComponent('größe 1'))], { warn });
    expect(scenario.name).toBe('größe 1');
  });

  it('can lack the tables of decisions and holds', async () => {
    for (const table of ['decisions', 'holds']) await rm(join(tables, table), { recursive: true });
    const { scenario } = await loadSource([partition()], { warn });
    expect(scenario.guests.map(({ demand }) => demand)).toEqual(recorded.scenario.guests.map(({ demand }) => demand));
  });
});

describe('what is no partition', () => {
  const failing = async (path: string, message: RegExp): Promise<void> => {
    const failed = loadSource([path], { warn });
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
  };

  it('is refused: no table, another place, a part of a file, a file of others, and several partitions', async () => {
    await failing(join(tables, 'guests'), /guests: these are several partitions; give one, such as guests\/date=DAY\/host=NAME$/); // prettier-ignore
    const elsewhere = join(folder, 'elsewhere.parquet');
    await cp(join(partition(), FILE), elsewhere);
    await failing(elsewhere, /elsewhere\.parquet: the directories above it are not TABLE\/date=DAY\/host=NAME, as ballast export makes them$/); // prettier-ignore
    const bytes = await readFile(join(partition(), FILE));
    await writeFile(join(partition(), FILE), bytes.subarray(0, bytes.length - 100));
    await failing(partition(), /Z\.parquet: not a Parquet file, or a damaged one: /);
    await rm(join(partition('host'), FILE));
    await failing(partition(), /host\/date=2026-03-02\/host=kvm-3\/\S+\.parquet: there is no such file/);
  });

  it('is refused when another program wrote it', async () => {
    const column = { name: 'time', type: 'DOUBLE', unit: 'none', doc: '' } as const;
    const path = join(partition(), FILE);
    const file = await ParquetFile.create(path, `${path}.tmp`, [column], 'test');
    file.add([1]);
    await file.complete();
    await file.publish();
    const bytes = (await readFile(path)).toString('latin1').replace('ballast.columns', 'someone.columns');
    await writeFile(path, bytes, 'latin1');
    await failing(partition(), /was not written by ballast export or simulate --parquet$/);
  });

  it('is refused with one line, wherever it is cut off', async () => {
    for (const table of ['host', 'guests', 'decisions']) {
      const path = join(partition(table), FILE);
      const bytes = await readFile(path);
      for (const length of [0, 3, 4, 12, bytes.length >> 1, bytes.length - 9, bytes.length - 8, bytes.length - 1]) {
        await writeFile(path, bytes.subarray(0, length));
        const failed = loadSource([partition()], { warn });
        await expect(failed).rejects.toThrow(NoDemandError);
        await expect(failed).rejects.toThrow(/^[^\n]*\.parquet: not a Parquet file, or a damaged one: [^\n]*$/);
      }
      await writeFile(path, bytes);
    }
  });

  it('is refused with one line, whatever byte of it has changed', async () => {
    const original = await readFile(join(partition(), FILE));
    const path = join(partition(), FILE);
    const change = fc.record({ at: fc.nat(original.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, by }) => {
        const bytes = Buffer.from(original);
        bytes[at] = bytes[at]! ^ by;
        await writeFile(path, bytes);
        const failed = loadSource([partition()], { warn });
        await expect(failed).rejects.toThrow(NoDemandError);
        await expect(failed).rejects.toThrow(/^[^\n]*\.parquet: [^\n]*$/);
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});
