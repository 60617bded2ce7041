import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openRecording } from '../../src/recording/reader.ts';
import { GUEST_PREFIX } from '../../test/real-host/support/guest.ts';
import { KSMD, type Event, type Notes } from '../../test/real-host/calibration/plan.ts';
import type { Column, GUEST_COLUMNS, GuestColumns, Observed } from './observed.ts';

type Figures = Readonly<Record<string, number | null>>;

/** A sample is of the second that it is nearest to, if it is this near. */
const NEAR_S = 0.6;
const PAGE_KIB = 4;

const NOTES = '.notes.json.gz';
const OBSERVED = '.observed.json.gz';

/** Turns the recordings of a folder into what is kept of them. @returns their names */
export async function observeAll(recordings: string, into: string): Promise<readonly string[]> {
  const names = (await readdir(recordings)).filter((name) => name.endsWith(NOTES)).map((name) => name.slice(0, -NOTES.length)); // prettier-ignore
  const ksmd = await readKsmd(recordings);
  for (const name of names) {
    const observed = await observe(join(recordings, name), ksmd);
    await writeFile(join(into, `${name}${OBSERVED}`), gzipSync(JSON.stringify(observed), { level: 9 }));
  }
  return names;
}

export async function readObserved(folder: string): Promise<readonly Observed[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(OBSERVED)).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(gunzipSync(await readFile(join(folder, name))).toString()) as Observed),
  );
}

interface KsmdMoment {
  readonly ms: number;
  readonly cpuMs: number;
}

async function readKsmd(folder: string): Promise<readonly KsmdMoment[]> {
  const text = await readFile(join(folder, KSMD), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KsmdMoment);
}

async function observe(stem: string, ksmd: readonly KsmdMoment[]): Promise<Observed> {
  const notes = JSON.parse(gunzipSync(await readFile(`${stem}${NOTES}`)).toString()) as Notes;
  const { header, intervals } = await openRecording(`${stem}.jsonl.gz`, { onCutOff: () => undefined });
  const hosts: (Figures | null)[] = [];
  const guests = new Map(notes.plan.guests.map(({ name }) => [name, [] as (Figures | null)[]]));
  const named = (fields: readonly string[], sample: readonly unknown[]): Figures =>
    Object.fromEntries(fields.map((field, at) => [field, typeof sample[at] === 'number' ? sample[at] : null]));
  const targets: Event[] = [];
  for await (const { snapshot, policy, relief } of intervals) {
    for (const { action, status } of [...(policy?.outcomes ?? []), ...(relief?.outcomes ?? [])])
      if (action.guest !== null && status === 'done' && typeof action.to === 'number')
        targets.push({
          ...{ kind: 'target', guest: action.guest.name.slice(GUEST_PREFIX.length) },
          ...{ ms: snapshot.timeMs - notes.startMs, mib: action.to / 1024 },
        });
    const atS = (snapshot.timeMs - notes.startMs) / 1000;
    const second = Math.round(atS);
    if (second < 0 || second > notes.plan.seconds || Math.abs(atS - second) > NEAR_S) continue;
    if (snapshot.host !== null) hosts[second] = named(header.host_fields, snapshot.host);
    for (const { name, sample } of snapshot.guests) {
      const figures = guests.get(name.slice(GUEST_PREFIX.length));
      if (figures !== undefined) figures[second] = named(header.guest_fields, sample);
    }
  }
  const stalls = stallsOf(notes);
  return {
    plan: notes.plan,
    kernel: notes.kernel.replace(/-.*/, ''),
    date: new Date(notes.startMs).toISOString(),
    events: [...notes.events.filter(({ kind }) => kind !== 'pulse'), ...targets],
    host: {
      ...hostColumns(hosts, notes.plan.seconds),
      ksmdMs: ksmdColumn(notes, ksmd),
    },
    guests: Object.fromEntries([...guests].map(([name, figures]) => [name, guestColumns(figures, notes.plan.seconds, stalls.get(name) ?? [])])), // prettier-ignore
  };
}

type Of = (figures: Figures) => number | null | undefined;

const field =
  (name: string): Of =>
  (figures) =>
    figures[name];

function columnOf(all: readonly (Figures | null | undefined)[], seconds: number, of: Of): Column {
  return Array.from({ length: seconds + 1 }, (_, at) => {
    const figures = all[at];
    const value = figures === null || figures === undefined ? null : of(figures);
    return value === null || value === undefined ? null : Math.round(value);
  });
}

/** From its first value. */
function since(column: Column): Column {
  const first = column.find((value) => value !== null) ?? 0;
  return column.map((value) => (value === null ? null : value - first));
}

/** Of a rate per second, what has come together. */
function summed(rates: Column, factor: number): Column {
  let sum = 0;
  return rates.map((rate) => (rate === null ? null : Math.round((sum += rate * factor))));
}

function hostColumns(all: readonly (Figures | null)[], seconds: number): Omit<Observed['host'], 'ksmdMs'> {
  const of = (read: Of): Column => columnOf(all, seconds, read);
  return {
    taken: of(({ mem_available: total, mem_unused: unused }) => (total ?? 0) - (unused ?? 0)),
    swap: of(field('swap_usage')),
    swapIn: summed(of(field('pswpin_rate')), PAGE_KIB),
    swapOut: summed(of(field('pswpout_rate')), PAGE_KIB),
    stallMs: since(of(({ psi_memory_some_total: us }) => (us ?? 0) / 1000)),
    ksmSharingPages: of(field('ksm_pages_sharing')),
    ksmSharedPages: of(field('ksm_pages_shared')),
    ksmUnsharedPages: of(field('ksm_pages_unshared')),
    ksmVolatilePages: of(field('ksm_pages_volatile')),
    ksmScannedPages: since(of(field('ksm_pages_scanned'))),
  };
}

function guestColumns(all: readonly (Figures | null)[], seconds: number, stallMs: Column): GuestColumns {
  const of = (read: Of): Column => columnOf(all, seconds, read);
  const columns: Record<(typeof GUEST_COLUMNS)[number], Column> = {
    size: of(field('balloon_cur')),
    available: of(field('mem_available')),
    unused: of(field('mem_unused')),
    usable: of(field('usable')),
    caches: of(field('disk_caches')),
    rss: of(({ rss: pages }) => (pages === null || pages === undefined ? null : pages * PAGE_KIB)),
    swapIn: since(of(field('swap_in'))),
    swapOut: since(of(field('swap_out'))),
    majorFaults: since(of(field('major_fault'))),
    stallMs: since(stallMs),
    statsAgeMs: of(({ stats_age: s }) => (s ?? 0) * 1000),
  };
  return columns;
}

/** CPU time of ksmd: what was known last. */
function ksmdColumn({ plan, startMs }: Notes, ksmd: readonly KsmdMoment[]): Column {
  const at = (second: number): number | null => {
    const last = ksmd.findLast(({ ms }) => ms <= startMs + second * 1000);
    return last === undefined || last.ms < startMs - 5000 ? null : last.cpuMs;
  };
  return since(Array.from({ length: plan.seconds + 1 }, (_, second) => at(second)));
}

/** How long tasks of each guest have waited for memory: what its kernel said last. */
function stallsOf({ plan, events }: Notes): ReadonlyMap<string, Column> {
  return new Map(
    plan.guests.map(({ name }) => {
      const pulses = events.filter((event) => event.kind === 'pulse' && event.guest === name);
      const column = Array.from({ length: plan.seconds + 1 }, (_, second) => {
        const last = pulses.findLast(({ ms }) => ms <= second * 1000);
        const us = last?.kind === 'pulse' ? last.values['someUs'] : undefined;
        return us === undefined ? null : Math.round(us / 1000);
      });
      return [name, column];
    }),
  );
}
