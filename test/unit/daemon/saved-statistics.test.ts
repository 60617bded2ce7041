import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SAVE_EVERY_MS, SavedStatistics } from '../../../src/daemon/saved-statistics.ts';
import { StatisticsFile } from '../../../src/daemon/statistics-file.ts';
import { HourlyStatistics } from '../../../src/engine/hourly-statistics.ts';
import { layoutOf } from '../../../src/model/field.ts';
import { guestSnapshot, snapshot } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { programOf } from '../../support/running-daemon.ts';
import { runSimulated } from '../../support/simulated-daemon.ts';
import { demandSpec, GIB, guestSpec, hostSpec, scenario } from '../simulation/specs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-statistics-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const HOUR = 3_600_000;
const LAYOUTS = { host: layoutOf(['mem_free', 'time_hour']), guest: layoutOf(['mem_unused', 'balloon_max']) };

/** A daemon's statistics over days, with what it logs. */
function subject({ directory = folder, isDryRun = false, isUsed = true } = {}) {
  const statistics = new HourlyStatistics(LAYOUTS);
  if (isUsed) statistics.keep({ host: ['mem_free'], guest: ['mem_unused'] });
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const log = (level: string) => (first: object | string, message?: string) =>
    lines.push(`${level}: ${message ?? (first as string)}`);
  const file = new StatisticsFile(directory, 'key');
  const saved = new SavedStatistics(statistics, file, {
    log: { info: log('info'), warn: log('warn'), error: log('error') } as never,
    now: () => clock.nowMs,
    isDryRun: () => isDryRun,
  });
  const see = (hours: number, from = 0) => {
    for (let at = from * 60; at < (from + hours) * 60; at += 1)
      statistics.add(snapshot(at * 60_000, [guestSnapshot(1, [at + 1, 9])], [7, Math.floor(at / 60) % 24]));
  };
  return { statistics, saved, lines, clock, file, see };
}

async function written(): Promise<string> {
  const one = subject();
  await one.saved.adopt();
  one.see(3);
  await one.saved.close();
  return readFile(one.file.path, 'utf8');
}

describe('the file of statistics over days', () => {
  it('lets the next daemon continue', async () => {
    const first = subject();
    await first.saved.adopt();
    first.see(3);
    await first.saved.close();
    const next = subject();
    await next.saved.adopt();
    expect(next.statistics.state).toEqual(first.statistics.state);
    expect(next.lines).toEqual([`info: Took over the statistics of 3 hours from ${first.file.path}`]);
  });

  it('is written every five minutes', async () => {
    const { saved, clock, see, file } = subject();
    await saved.adopt();
    see(1);
    clock.nowMs = SAVE_EVERY_MS - 1;
    saved.saveIfDue();
    expect(await readdir(folder)).toEqual([]);
    clock.nowMs += 1;
    saved.saveIfDue();
    await eventually(async () => expect(await file.read()).toMatchObject({ hours: [{ ofDay: 0 }] }));
    await saved.close();
  });

  it('is neither read nor written where no policy reads statistics, and not written by a dry run', async () => {
    await written();
    const before = await readFile(subject().file.path, 'utf8');
    for (const options of [{ isUsed: false }, { isDryRun: true }]) {
      const { saved, see, lines } = subject(options);
      await saved.adopt();
      see(1, 3);
      await saved.close();
      expect(lines.length).toBe('isUsed' in options ? 0 : 1);
    }
    expect(await readFile(subject().file.path, 'utf8')).toBe(before);
  });

  it('is read as soon as a policy reads statistics', async () => {
    await written();
    const { statistics, saved } = subject({ isUsed: false });
    await saved.adopt();
    statistics.keep({ host: ['mem_free'], guest: [] });
    await saved.adopt();
    expect(statistics.state?.hours.length).toBe(3);
  });

  it.each([
    ['no JSON', () => '{', 'it is not JSON'],
    ['another version', () => '{"ballast_statistics": 2}', 'it has version 2; this Ballast reads version 1'],
    ['no hour', (text: string) => text.replace(/"hours":\[.*?\]/, '"hours":[]'), 'hours is wrong: '],
    [
      'a damaged histogram',
      (text: string) => text.replace('"mem_free":"', '"mem_free":"/'),
      'its histograms are damaged',
    ],
    [
      'an hour too few',
      (text: string) => text.replace(/"mem_free":"[^"]+"/, '"mem_free":"AAA="'),
      'its histograms are damaged',
    ],
    [
      'an hour of the day too many',
      (text: string) => text.replace('"of_day":2', '"of_day":24'),
      'hours.2.of_day is wrong: ',
    ],
  ])('with %s is not used, and that is logged once', async (_, damage, why) => {
    const text = await written();
    const { statistics, saved, lines, file, see } = subject();
    await writeFile(file.path, damage(text));
    await saved.adopt();
    await saved.adopt();
    expect(lines).toEqual([expect.stringContaining(`begin anew: ${file.path} is not used: ${why}`)]);
    expect(statistics.state).toBe(null);
    see(1);
    await saved.close();
    expect(await file.read()).toMatchObject({ hours: [{ ofDay: 0 }] });
  });

  it('that cannot be written is logged once, and again when it can', async () => {
    const directory = join(folder, 'state');
    await writeFile(directory, '');
    const { saved, lines, see, clock, file } = subject({ directory });
    await saved.adopt();
    see(1);
    for (let times = 0; times < 2; times += 1) await saved.close();
    expect(lines).toEqual([expect.stringMatching(/^error: Cannot save/)]);
    await rm(directory);
    clock.nowMs += HOUR;
    await saved.close();
    expect(lines[1]).toBe(`info: The statistics of the last days are saved again, to ${file.path}`);
  });
});

describe('a daemon whose policy reads statistics over days', () => {
  const asks = programOf('(with Guests g (g.SetVar "usual" (g.StatPercentile "mem_unused" 50%)))');
  const host = hostSpec({ memoryKib: 4 * GIB, swapKib: GIB });
  const guests = [guestSpec({ name: 'web', memoryKib: GIB, minKib: GIB / 4, demand: demandSpec({}) })];
  const usualAfter = async (minutes: number) => {
    const usual: unknown[] = [];
    const { messages } = await runSimulated(folder, scenario(guests, { durationS: minutes * 60, host }), {
      program: asks,
      onInterval: ({ decider }) => {
        for (const variables of decider.memory.guests.values()) usual.push(variables.get('usual'));
      },
    });
    return { usual, messages: messages.filter((each) => each.includes('statistics of')) };
  };

  it('knows after a restart what it knew before', async () => {
    const first = await usualAfter(62);
    expect(first.messages).toEqual([]);
    expect([first.usual[0], first.usual.at(-1)]).toEqual([null, expect.any(Number)]);
    const second = await usualAfter(2);
    expect(second.messages).toEqual([expect.stringMatching(/^Took over the statistics of \d hours from /)]);
    expect(second.usual[0]).toEqual(expect.any(Number));
  });
});
