import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenarios, loadSource, type LoadedSource } from '../../../src/compose/scenario-source.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';

const CSV = 'time,guest,memory_kib,used_kib\n0,a,2097152,500000\n60,a,2097152,600000\n';
const GWA =
  'Timestamp [ms];\tMemory capacity provisioned [KB];\tMemory usage [KB]\n1376314846;\t4194304;\t900000\n1376315146;\t4194304;\t950000\n';
const MOM =
  '# time\t balloon_cur\t mem_available\t mem_unused\n1767607200.1\t2097152\t2000000\t1500000\n1767607205.1\t2097152\t2000000\t1400000\n';
const HOST = '# time\t mem_available\t mem_unused\t mem_free\n1767607200.1\t16777216\t8000000\t9000000\n';
const RECORDING = 'test/recordings/demo.jsonl.gz';

let folder: string;
let warned: string[];

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

async function load(...paths: readonly string[]): Promise<LoadedSource> {
  warned = [];
  return loadSource(
    paths.map((path) => (path.startsWith('test/') || path.startsWith('scenarios/') ? path : join(folder, path))),
    { warn: (message) => warned.push(message.replace(`${folder}/`, '')) },
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-source-'));
  await write({
    'a.csv': CSV,
    'packed.csv.gz': gzipSync(CSV),
    'cut.csv': `${CSV}120,a,2097152,7`,
    'cut.csv.gz': gzipSync(CSV.repeat(1).concat('120,a,2097152,700000\n'.repeat(3000))).subarray(0, 100),
    'gwa/1.csv': GWA,
    'gwa/2.csv': GWA,
    'plots/Host.dat': HOST,
    'plots/vm.dat': MOM,
    'mixed/a.csv': CSV,
    'mixed/vm.dat': MOM,
    'empty/readme.txt': 'nothing',
    'other.csv': 'a,b,c\n1,2,3\n',
    'binary.csv': Buffer.from('time,guest,memory_kib,used_kib\n0,\0,5,5\n'),
    'long.csv': `time,guest,memory_kib,used_kib\n${'9'.repeat(70_000)}\n`,
    'bad.csv': `${CSV}later,a,5,5\n`,
    'damaged.csv.gz': Buffer.concat([gzipSync(CSV).subarray(0, 20), Buffer.alloc(50, 7)]),
    'wrong.yaml': 'story: A test.\n',
    'nothing.csv': '',
    'nothing.dat': '',
    'not-packed.csv.gz': Buffer.from([0x1f, 0x8b, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120]),
    'holed/a.csv': CSV,
    'holed/x.csv/readme.txt': 'nothing',
    'no.jsonl': '{"a": 1}\n',
    'guests.jsonl': '',
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe('a source', () => {
  it.each([
    ['scenarios/leak.yaml', 'scenario', 20],
    [RECORDING, 'recording', 4],
    ['a.csv', 'trace', 1],
    ['packed.csv.gz', 'trace', 1],
    ['gwa', 'trace', 2],
    ['plots', 'mom', 1],
    ['plots/vm.dat', 'mom', 1],
  ])('%s is what its content says', async (path, kind, guests) => {
    const { kind: found, scenario, inferred } = await load(path);
    expect(found).toBe(kind);
    if (kind !== 'scenario') expect(scenario.guests).toHaveLength(guests);
    expect(inferred.length > 0).toBe(kind !== 'scenario');
    expect(warned).toEqual([]);
  });

  it('may be several files of one host', async () => {
    expect((await load('gwa/1.csv', 'gwa/2.csv')).scenario.guests).toHaveLength(2);
    expect((await load('plots')).scenario.host.memoryKib).toBe(16_777_216);
  });

  it.each([
    ['cut.csv', 'cut.csv:4: the last line has no end and may be cut off; it is left out'],
    ['cut.csv.gz', /^cut\.csv\.gz:\d+: the last line has no end and may be cut off; it is left out$/],
  ])('%s that is cut off is read up to its last whole row', async (path, message) => {
    const { scenario } = await load(path);
    expect(scenario.guests).toHaveLength(1);
    expect(warned).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['nowhere.csv', 'nowhere.csv: there is no such file'],
    ['nowhere.jsonl', 'nowhere.jsonl: there is no such file'],
    [
      'empty',
      'empty: this directory has no recordings (*.jsonl), no tables (*.parquet), no plots of MOM (*.dat) and no traces (*.csv)',
    ],
    ['mixed', 'mixed: this directory has vm.dat and a.csv; give files of one kind'],
    ['other.csv', 'other.csv:1:1: expected "time,guest,memory_kib,used_kib", the header of a GWA-T-12 file'],
    ['binary.csv', 'binary.csv:2:3: this is a binary file; a trace is text in UTF-8'],
    ['long.csv', 'long.csv:2:1: this line has more than 65536 characters'],
    ['bad.csv', 'bad.csv:4:1: "later" is not a time; write seconds'],
    ['damaged.csv.gz', 'damaged.csv.gz: '],
    ['nothing.csv', 'nothing.csv:1:1: the file is empty; expected "time,guest,memory_kib,used_kib"'],
    ['nothing.dat', 'nothing.dat: there are no rows'],
    ['not-packed.csv.gz', 'not-packed.csv.gz: the compressed file is damaged'],
    ['holed', 'x.csv: this is a directory; a trace is a file'],
    ['wrong.yaml', 'wrong.yaml:1:1: guests is missing'],
    ['no.jsonl', 'no.jsonl:1: this is not a recording'],
    ['guests.jsonl', 'guests.jsonl: the recording is empty'],
  ])('%s that cannot be read is an error of the operator', async (path, message) => {
    const failed = load(path);
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
  });

  it('is of one kind', async () => {
    const message = 'one scenario is made of files of one kind, and a scenario file of itself only';
    await expect(load('a.csv', 'plots')).rejects.toThrow(message);
    await expect(load('scenarios/leak.yaml', 'scenarios/leak.yaml')).rejects.toThrow(message);
  });
});

describe('several sources', () => {
  const options = { warn: () => undefined };

  it('are shortened, and have more guests', async () => {
    const paths = ['scenarios/leak.yaml', RECORDING];
    const [leak, demo] = await loadScenarios(paths, { ...options, more: 3, durationMs: 600_000 });
    const [whole] = await loadScenarios(paths, options);
    expect(leak!.scenario.guests.length - whole!.scenario.guests.length).toBe(3);
    expect([leak!.scenario.durationS, demo!.scenario.durationS]).toEqual([600, 600]);
    expect(demo!.scenario.guests).toHaveLength(7);
  });

  it('are all checked before one is refused', async () => {
    await expect(loadScenarios(['nowhere.yaml', join(folder, 'other.csv')], options)).rejects.toThrow(
      /nowhere\.yaml: .*\n.*other\.csv:1:1: /,
    );
  });

  it('may be used in part', async () => {
    const range = (firstMs: number, lastMs: number) => ({ fromMs: firstMs + 300_000, toMs: lastMs - 60_000 });
    const [demo] = await loadScenarios([RECORDING], { ...options, range });
    const [whole] = await loadScenarios([RECORDING], options);
    expect(Math.abs(whole!.scenario.durationS - demo!.scenario.durationS - 360)).toBeLessThan(10);
    expect(demo!.scenario.guests.every(({ running }) => running !== null)).toBe(true);
  });
});
