import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { partitionValue } from '../../../src/export/partitions.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { DAY_FROM, DAY_HEADER, recordedDay } from '../../support/recorded-day.ts';
import { writeRecording } from '../../support/recorded-file.ts';

let folder: string;
let tables: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-export-'));
  tables = join(folder, 'tables');
});
afterEach(() => rm(folder, { recursive: true }));

async function exportTo(args: readonly string[], stop = new AbortController().signal) {
  const io = capturedIo();
  const signals = { stop, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(['export', ...args, '--parquet', tables]);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

async function recording(name: string, changes: Partial<typeof DAY_HEADER> = {}, intervals = 20): Promise<string> {
  const path = join(folder, name);
  await writeRecording(path, { ...DAY_HEADER, ...changes }, recordedDay({ guests: 2, intervals }));
  return path;
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).sort(); // prettier-ignore
}

const OWN = ['decisions', 'guests', 'holds', 'host'].map(
  (table) => `${table}/date=2026-03-02/host=kvm-3/20260302T223000000Z.parquet`,
);

describe('ballast export', () => {
  it('writes four tables, which a second export replaces', async () => {
    const path = await recording('day.jsonl');
    expect(await exportTo([path])).toEqual({ code: 0, stdout: `4 files in ${tables}\n`, stderr: '' });
    expect(await filesOf(tables)).toEqual(OWN);
    const before = await readFile(join(tables, OWN[1]!));
    expect(before.subarray(0, 4).toString()).toBe('PAR1');
    expect(before.subarray(-4).toString()).toBe('PAR1');
    await recording('day.jsonl', {}, 40);
    expect((await exportTo([path])).code).toBe(0);
    expect(await filesOf(tables)).toEqual(OWN);
    expect((await readFile(join(tables, OWN[1]!))).equals(before)).toBe(false);
  });

  it('writes the same bytes for the same recording', async () => {
    const path = await recording('day.jsonl');
    const read = async () => Promise.all(OWN.map((name) => readFile(join(tables, name), 'base64')));
    await exportTo([path]);
    const first = await read();
    await exportTo([path]);
    expect(await read()).toEqual(first);
  });

  it('begins another file for a day that comes back when the clock is set back', async () => {
    const path = join(folder, 'back.jsonl');
    const days = [0, 1, 2, 0, 1];
    const intervals = days.flatMap((day) => {
      const [first] = recordedDay({ guests: 1, intervals: 1 });
      return [{ ...first!, snapshot: { ...first!.snapshot, timeMs: DAY_FROM + day * 86_400_000 } }];
    });
    await writeRecording(path, DAY_HEADER, intervals);
    expect((await exportTo([path])).code).toBe(0);
    const guests = (await filesOf(join(tables, 'guests'))).map((name) => name.replace(/host=.*Z/, ''));
    expect(guests).toEqual(['date=2026-03-02/-2.parquet', 'date=2026-03-02/.parquet', 'date=2026-03-03/-2.parquet', 'date=2026-03-03/.parquet', 'date=2026-03-04/.parquet']); // prettier-ignore
  });

  it('leaves nothing half-written when it is interrupted or the recording is damaged', async () => {
    const path = await recording('day.jsonl');
    expect(await exportTo([path], AbortSignal.abort())).toEqual({
      code: 1,
      stdout: '',
      stderr: `interrupted: ${path} was not exported\n`,
    });
    await exportTo([path]);
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [...lines.slice(0, 10), '{}', ...lines.slice(10)].join('\n'));
    expect(await exportTo([path])).toEqual({
      code: 1,
      stdout: `4 files in ${tables}\n`,
      stderr: `warning: ${path}:11: "t", the time, is missing; read up to there\n`,
    });
    expect(await filesOf(tables)).toEqual(OWN);
  });

  it('refuses what it cannot name or place', async () => {
    const one = await recording('one.jsonl');
    const same = await recording('same.jsonl');
    const nameless = await recording('nameless.jsonl', { host_props: {} });
    const timeless = await recording('timeless.jsonl', { started: 'today' });
    expect(await exportTo([one, same])).toMatchObject({
      code: 2,
      stderr: `${same} and ${one} are the same recording: host "kvm-3", begun at 2026-03-02T22:30:00.000Z\n`,
    });
    expect(await exportTo([nameless])).toMatchObject({
      code: 2,
      stderr: `${nameless}: the recording does not name its host; --host NAME does\n`,
    });
    expect(await exportTo([nameless, '--host', 'kvm-9'])).toMatchObject({ code: 0 });
    expect(await exportTo([timeless])).toMatchObject({
      code: 2,
      stderr: `${timeless}:1: "started" in the first line is not a time\n`,
    });
    expect(await exportTo([one, '--host', 'ü'.repeat(100)])).toMatchObject({ code: 2 });
    await writeFile(join(folder, 'file'), '');
    tables = join(folder, 'file');
    expect(await exportTo([one])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be written: its path leads through a file\n$/) as string,
    });
    tables = join(folder, 'missing/tables');
    expect(await exportTo([one])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be written: it, or the directory for it, is not there\n$/) as string,
    });
  });

  it('warns of fields that it does not know', async () => {
    const path = await recording('day.jsonl', {
      guest_fields: [...DAY_HEADER.guest_fields.slice(0, -1), 'site_field'],
    });
    expect(await exportTo([path])).toMatchObject({
      code: 0,
      stderr:
        'warning: "site_field": unknown fields, which are left out; --config FILE loads the plugins that collect them\n',
    });
  });

  it.each([
    ['kvm-3.example.org', 'kvm-3.example.org'],
    ['a/../b c', 'a%2F..%2Fb%20c'],
    ["ü='*'%", '%C3%BC%3D%27%2A%27%25'],
  ])('encodes the host %s', (host, value) => expect(partitionValue(host)).toBe(value));
});
