import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedInterval } from '../../../src/recording/format.ts';
import { runBallast } from '../../support/ballast.ts';
import { DAY_HEADER, recordedDay } from '../../support/recorded-day.ts';
import { writeRecording } from '../../support/recorded-file.ts';

const PAGE = join(import.meta.dirname, '../../../docs/export.md');
const GIB = 1024 * 1024;
/** Of 5 s: from 22:30 to midnight, and on. */
const INTERVALS = 3000;
/** A name that no directory can have as it is. */
const HOSTS = ['kvm-3', 'größe/../"x" y'];

let folder: string;
let db: DuckDBConnection;
let queries: readonly string[];
let intervals: readonly RecordedInterval[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-export-'));
  intervals = [...recordedDay({ guests: 4, intervals: INTERVALS })];
  for (const [at, name] of HOSTS.entries())
    await writeRecording(join(folder, `${at}.jsonl`), { ...DAY_HEADER, host_props: { name } }, intervals);
  const run = () => runBallast(['export', '0.jsonl', '1.jsonl', '--parquet', 'tables'], { cwd: folder });
  expect(await run()).toMatchObject({ code: 0, stdout: '16 files in tables', stderr: '' });
  // A second export replaces the first one.
  expect(await run()).toMatchObject({ code: 0, stdout: '16 files in tables' });
  const page = await readFile(PAGE, 'utf8');
  queries = [...page.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, sql]) =>
    sql!.replaceAll('/srv/memory', join(folder, 'tables')),
  );
  db = await (await DuckDBInstance.create(':memory:')).connect();
}, 300_000);
afterAll(async () => {
  db.closeSync();
  await rm(folder, { recursive: true });
});

async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  return (await db.runAndReadAll(sql)).getRowObjectsJson();
}

const table = (name: string) =>
  `read_parquet('${join(folder, 'tables', name)}/**/*.parquet', hive_partitioning = true)`;

/** The recorded values of a field of a guest. */
function valuesOf(guest: number, field: string): readonly (number | null)[] {
  const at = DAY_HEADER.guest_fields.indexOf(field);
  return intervals.map(({ snapshot }) => (snapshot.guests[guest]!.sample[at] ?? null) as number | null);
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, each) => total + (each ?? 0), 0);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place % 1);
}

/** Seconds that each interval holds: there is a gap in the day. */
function heldS(): readonly number[] {
  return intervals.map(({ snapshot }, at) => {
    const next = intervals[at + 1];
    return next === undefined ? 5 : Math.min(15, (next.snapshot.timeMs - snapshot.timeMs) / 1000);
  });
}

function usedOf(guest: number): readonly number[] {
  const size = valuesOf(guest, 'balloon_cur');
  return valuesOf(guest, 'usable').flatMap((usable, at) => (usable === null ? [] : [size[at]! - usable]));
}

function names(): readonly string[] {
  return intervals[0]!.snapshot.guests.map(({ name }) => name);
}

describe('the tables of an export', () => {
  it('have all intervals and all values, of each host, and unknown ones as NULL', async () => {
    const hosts = await rowsOf(
      `SELECT host, count(*)::INT AS n, min(time)::VARCHAR AS first FROM ${table('host')} GROUP BY host ORDER BY host DESC`,
    );
    expect(hosts).toEqual(
      [...HOSTS]
        .sort((a, b) => (a < b ? 1 : -1))
        .map((host) => ({
          host,
          n: intervals.length,
          first: expect.stringMatching(/^2026-03-02 22:30:00\+00/) as string,
        })),
    );
    const guests = await rowsOf(
      `SELECT guest, sum(balloon_cur_kib) AS cur, count(mem_unused_kib)::INT AS known, count(*)::INT AS n, count(balloon_stuck)::INT AS stuck FROM ${table('guests')} WHERE host = 'kvm-3' GROUP BY guest, uuid ORDER BY uuid`,
    );
    expect(guests).toEqual(
      names().map((guest, at) => ({
        ...{ guest, cur: sum(valuesOf(at, 'balloon_cur')), n: intervals.length, stuck: 0 },
        known: valuesOf(at, 'mem_unused').filter((value) => value !== null).length,
      })),
    );
    expect(guests[1]!['known']).toBeLessThan(intervals.length);
  });

  it('are partitioned by the day in UTC', async () => {
    const days = await rowsOf(
      `SELECT date::VARCHAR AS date, bool_and(time::DATE = date) AS own FROM ${table('guests')} GROUP BY date ORDER BY date`,
    );
    expect(days).toEqual(['2026-03-02', '2026-03-03'].map((date) => ({ date, own: true })));
  });

  it('say the unit and meaning of each column', async () => {
    const [row] = await rowsOf(
      `SELECT decode(value) AS columns FROM parquet_kv_metadata('${join(folder, 'tables/guests')}/**/*.parquet') WHERE decode(key) = 'ballast.columns' LIMIT 1`,
    );
    const columns = JSON.parse(row!['columns'] as string) as object[];
    expect(columns).toContainEqual(
      expect.objectContaining({ name: 'balloon_cur_kib', unit: 'KiB', field: 'balloon_cur', type: 'DOUBLE' }),
    );
  });

  it('have every decision with its reason, and every request that was held back', async () => {
    const lines = intervals.flatMap(({ policy }) => policy ?? []);
    const [decided] = await rowsOf(
      `SELECT count(*)::INT AS n, count(reason)::INT AS reasons, sum(change_kib) AS change FROM ${table('decisions')} WHERE host = 'kvm-3'`,
    );
    const outcomes = lines.flatMap((line) => line.outcomes);
    expect(decided).toEqual({
      n: outcomes.length,
      reasons: outcomes.length,
      change: sum(outcomes.map(({ action }) => Number(action.to) - Number(action.from))),
    });
    const [held] = await rowsOf(
      `SELECT count(*)::INT AS n, count(DISTINCT why_kind)::INT AS kinds FROM ${table('holds')} WHERE host = 'kvm-3'`,
    );
    expect(held).toEqual({ n: lines.flatMap((line) => line.held).length, kinds: 1 });
  });
});

describe('the queries of docs/export.md', () => {
  const ofHost = (rows: readonly Record<string, unknown>[]) => rows.filter(({ host }) => host === 'kvm-3');
  const round = (value: number, digits: number) => Number(value.toFixed(digits));

  it('are five', () => expect(queries).toHaveLength(5));

  it('find the guests that are over-provisioned', async () => {
    const rows = ofHost(await rowsOf(queries[0]!));
    const expected = names().flatMap((guest, at) => {
      const used = quantile(usedOf(at), 0.99);
      return used < 2 * GIB ? [{ guest, max_gib: 4, used_gib: expect.closeTo(used / GIB, 1) as number }] : [];
    });
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(4);
    expect(rows).toHaveLength(expected.length);
    for (const row of expected) expect(rows).toContainEqual(expect.objectContaining(row));
  });

  it('keep a ledger of what was saved', async () => {
    const rows = ofHost(await rowsOf(queries[1]!));
    const seconds = heldS();
    const total = (mechanism: string) =>
      sum(rows.filter((row) => row['mechanism'] === mechanism).map((row) => row['gib_hours'] as number));
    const ballooned = names().map((_, at) =>
      sum(valuesOf(at, 'balloon_cur').map((cur, n) => (4 * GIB - cur!) * seconds[n]!)),
    );
    expect(rows).toHaveLength(4);
    expect(total('balloon')).toBeGreaterThan(0.1);
    expect(total('balloon')).toBeCloseTo(sum(ballooned) / 3600 / GIB, 1);
    const saved = DAY_HEADER.host_fields.indexOf('ksm_saved');
    const merged = intervals.map(({ snapshot }, n) => (snapshot.host![saved] as number) * seconds[n]!);
    expect(total('KSM')).toBeCloseTo(sum(merged) / 3600 / GIB, 1);
  });

  it('find the guests in pain', async () => {
    const rows = ofHost(await rowsOf(queries[2]!));
    const seconds = heldS();
    const minutes = names().map(
      (_, at) =>
        sum(
          valuesOf(at, 'pain_age').map((age, n) => (n > 0 && age !== null && age < seconds[n - 1]! ? seconds[n]! : 0)),
        ) / 60,
    );
    expect(rows).toHaveLength(minutes.filter((each) => round(each, 1) > 0).length);
    for (const [at, guest] of names().entries())
      if (round(minutes[at]!, 1) > 0)
        expect(rows).toContainEqual(
          expect.objectContaining({ guest, pain_minutes: expect.closeTo(minutes[at]!, 0) as number }),
        );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('give guests a size that is right', async () => {
    const rows = ofHost(await rowsOf(queries[3]!));
    expect(rows).toHaveLength(4);
    for (const [at, guest] of names().entries()) {
      const hurt = valuesOf(at, 'pain_age').some((age) => age !== null && age < 5);
      const needed = quantile(usedOf(at), 0.99) * 1.2;
      const right = Math.ceil(Math.max(needed, hurt ? 4 * GIB : 0) / 262_144) / 4;
      expect(rows).toContainEqual({ host: 'kvm-3', guest, max_gib: 4, right_gib: right });
    }
  });

  it('count decisions by reason', async () => {
    const rows = ofHost(await rowsOf(queries[4]!));
    const outcomes = intervals.flatMap(({ policy }) => policy?.outcomes ?? []);
    expect(sum(rows.map(({ writes }) => Number(writes)))).toBe(outcomes.length);
    expect(rows.map(({ reason }) => reason).sort()).toEqual(['free #% < #%', 'free #% > #%: given back']);
    const taken = outcomes.filter(({ action, status }) => status === 'done' && Number(action.to) < Number(action.from));
    expect(rows[0]).toMatchObject({
      taken_gib: round(sum(taken.map(({ action }) => Number(action.from) - Number(action.to))) / GIB, 2),
      given_gib: 0,
    });
  });
});
