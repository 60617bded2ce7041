import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PauseFile } from '../../../src/daemon/pause-file.ts';
import { MOST_PAUSES, Pauses } from '../../../src/daemon/pauses.ts';
import { uuidOf } from '../../support/builders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-pauses-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const GUEST = { name: 'web-1', uuid: uuidOf(1) };
const OTHER = { name: 'web-2', uuid: uuidOf(2) };
const START = Date.UTC(2026, 0, 2);

function pausesIn(directory = folder) {
  const lines: string[] = [];
  const clock = { nowMs: START };
  const log = (level: string) => (first: object | string, message?: string) =>
    lines.push(`${level}: ${message ?? (first as string)}`);
  const file = new PauseFile(directory, 'key');
  const pauses = new Pauses(file, { warn: log('warn'), error: log('error') } as never, () => clock.nowMs);
  return { pauses, lines, clock, file };
}

const pause = { sinceMs: START, untilMs: null, by: 'ana', reason: null };
const of = (guest: typeof GUEST | null) => ({ guest });

describe('pauses', () => {
  it.each([
    [{ what: 'all' } as const, [true, true, true]],
    [{ what: 'ksm' } as const, [true, false, false]],
    [{ what: 'balloons' } as const, [false, true, true]],
    [{ what: 'guest', guest: GUEST } as const, [false, true, false]],
  ])('%j stops the writes to the host, to web-1, to web-2: %j', async (paused, expected) => {
    const { pauses } = pausesIn();
    expect(pauses.reason(of(null))).toBe(null);
    expect(await pauses.add({ ...pause, ...paused })).toBe(true);
    expect([null, GUEST, OTHER].map((guest) => pauses.reason(of(guest)) !== null)).toEqual(expected);
    expect(await pauses.remove(paused, 'ben')).toBe(true);
    expect(await pauses.remove(paused, 'ben')).toBe(false);
    expect([null, GUEST, OTHER].map((guest) => pauses.reason(of(guest)))).toEqual([null, null, null]);
  });

  it('end by themselves, and the log says when they begin and end', async () => {
    const { pauses, lines, clock } = pausesIn();
    await pauses.add({ ...pause, what: 'guest', guest: GUEST, untilMs: START + 60_000, reason: 'backup' });
    expect(pauses.reason(of(GUEST))).toBe(
      'the balloon of guest:web-1 is paused until 2026-01-02T00:01:00.000Z, by ana since 2026-01-02T00:00:00.000Z (backup)',
    );
    clock.nowMs += 60_000;
    expect(pauses.reason(of(GUEST))).toBe(null);
    expect(pauses.all).toEqual([]);
    await pauses.close();
    expect(lines).toEqual([
      expect.stringMatching(
        /^warn: PAUSED: the balloon of guest:web-1 is paused until .*; nothing is written there meanwhile$/,
      ),
      'warn: Resumed: the pause of the balloon of guest:web-1 is over; Ballast writes there again',
    ]);
  });

  it('survive a restart, without those that are over by then', async () => {
    const { pauses } = pausesIn();
    await pauses.add({ ...pause, what: 'ksm' });
    await pauses.add({ ...pause, what: 'guest', guest: GUEST, untilMs: START + 60_000 });
    await pauses.add({ ...pause, what: 'guest', guest: OTHER, untilMs: START + 120_000 });
    const { pauses: next, lines, clock } = pausesIn();
    clock.nowMs += 60_000;
    await next.adopt();
    expect(next.all.map(({ what }) => what)).toEqual(['ksm', 'guest']);
    expect(next.reason(of(GUEST))).toBe(null);
    expect(next.reason(of(OTHER))).not.toBe(null);
    await next.close();
    expect(lines.filter((line) => line.startsWith('warn: Still PAUSED'))).toHaveLength(2);
  });

  it('that end by themselves write nothing: a dry run beside the service knows only what it read at its start', async () => {
    const { pauses } = pausesIn();
    await pauses.add({ ...pause, what: 'guest', guest: GUEST, untilMs: START + 60_000 });
    const { pauses: beside, clock } = pausesIn();
    await beside.adopt();
    await pauses.add({ ...pause, what: 'guest', guest: OTHER });
    clock.nowMs += 60_000;
    expect(beside.all).toEqual([]);
    await beside.close();
    const { pauses: next } = pausesIn();
    await next.adopt();
    expect(next.reason(of(OTHER))).not.toBe(null);
  });

  it('are taken over once, so that nothing that began meanwhile is lost', async () => {
    const { pauses } = pausesIn();
    await pauses.add({ ...pause, what: 'ksm' });
    const { pauses: next } = pausesIn();
    await next.adopt();
    await next.remove({ what: 'ksm' }, 'ben');
    await next.add({ ...pause, what: 'balloons' });
    await next.adopt();
    expect(next.all.map(({ what }) => what)).toEqual(['balloons']);
  });

  it('keep the time at which they began when only the end changes', async () => {
    const { pauses } = pausesIn();
    await pauses.add({ ...pause, what: 'all' });
    await pauses.add({ ...pause, what: 'all', sinceMs: START + 5000, untilMs: START + 10_000 });
    expect(pauses.all).toEqual([{ ...pause, what: 'all', untilMs: START + 10_000 }]);
  });

  it.each([
    ['', 'it is not JSON'],
    ['[]', 'its content is wrong: '],
    ['{"ballast_pauses": 2, "pauses": []}', 'it has version 2; this Ballast reads version 1'],
    ['{"ballast_pauses": 1, "pauses": [{"what": "guest"}]}', 'pauses.0.guest is wrong: '],
    [' '.repeat(5_000_000), 'it has more than 4194304 bytes'],
  ])('tolerate a damaged file: %#', async (text, why) => {
    const { pauses, lines, file } = pausesIn();
    await writeFile(file.path, text);
    await pauses.adopt();
    expect(pauses.all).toEqual([]);
    expect(lines).toEqual([expect.stringContaining(why)]);
    await pauses.add({ ...pause, what: 'all' });
    expect(JSON.parse(await readFile(file.path, 'utf8'))).toMatchObject({ pauses: [{ what: 'all' }] });
  });

  it('are in effect when they cannot be saved, and the log says so', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { pauses, lines } = pausesIn(file);
    await pauses.add({ ...pause, what: 'all' });
    expect(pauses.reason(of(null))).not.toBe(null);
    expect(pauses.isSaved).toBe(false);
    expect(lines.at(-1)).toMatch(/^error: Cannot save the pauses to .*; they are in effect, but lost with a restart$/);
  });

  it('are bounded', async () => {
    const { pauses } = pausesIn();
    const add = (number: number) => pauses.add({ ...pause, what: 'guest', guest: { name: 'g', uuid: uuidOf(number) } });
    const added = await Promise.all(Array.from({ length: MOST_PAUSES }, (_, number) => add(number)));
    expect(added.every((isAdded) => isAdded)).toBe(true);
    expect(await add(0)).toBe(true);
    expect(await add(MOST_PAUSES)).toBe(false);
    expect(pauses.all).toHaveLength(MOST_PAUSES);
  });
});
