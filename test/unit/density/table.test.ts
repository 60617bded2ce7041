import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { carried, isCarried, lostPercent, rowsOf, type DensityRow } from '../../real-host/density/carried.ts';
import { figuresOf, type Figures } from '../../real-host/density/figures.ts';
import { parseOptions } from '../../real-host/density/options.ts';
import { page } from '../../real-host/density/page.ts';
import {
  countersSince,
  lostSeconds,
  otherCpuSeconds,
  parseCounters,
  stepSeconds,
} from '../../real-host/density/pain.ts';
import { readResults, writeResults, type DensityResults, type PolicyRun } from '../../real-host/density/results.ts';
import type { RunResult } from '../../real-host/density/run.ts';
import { carriedTable, differenceTable, figuresTable, sameRuns, textTable } from '../../real-host/density/table.ts';

const host = {
  ...{ swappedInPages: 512, swappedOutPages: 2560, majorFaults: 0, oomKills: 1, stalledS: 3.25 },
  ...{ mostTakenKib: 0, otherCpuS: 12 },
};
const done = (...stepMs: number[]) => ({ stepMs, failed: 0, answers: true });
const counted = (swappedInPages: number, oomKills: number) => ({
  ...{ swappedInPages, swappedOutPages: 0, majorFaults: swappedInPages / 8, oomKills },
  stalledS: oomKills / 4,
});

const ROOMY: RunResult = {
  works: [done(100, 200), done(300, 300)],
  counters: [counted(0, 0), counted(0, 0)],
  host,
  moves: 0,
  meanGuestMib: 768,
  log: [],
};

const POOR: RunResult = {
  works: [done(1100, 200), { stepMs: [2300], failed: 1, answers: false }],
  counters: [counted(256, 2), null],
  host,
  moves: 7,
  meanGuestMib: 600,
  log: [],
};

it('lost time is what the same steps took longer; those that were not finished are left out', () => {
  expect(lostSeconds(POOR.works, ROOMY.works)).toBe(3);
  expect(lostSeconds(ROOMY.works, ROOMY.works)).toBe(0);
  expect(() => lostSeconds([done(1, 2, 3)], ROOMY.works)).toThrow('Guest 1 has finished only 2 steps');
  expect(stepSeconds(ROOMY.works)).toBe(0.9);
});

it('the figures of a run count guests and host', () => {
  expect(figuresOf(POOR, ROOMY)).toEqual({
    lostS: 3,
    guestMajorFaults: 32,
    guestSwapInMib: 1,
    guestStalledS: 0.5,
    hostSwapInMib: 2,
    hostSwapOutMib: 10,
    hostStalledS: 3.25,
    oomKills: 3,
    failedSteps: 1,
    lostGuests: 1,
    moves: 7,
    meanGuestMib: 600,
    otherCpuS: 12,
  });
});

const PRESSURE = 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000';

it('a counter that the kernel lacks is an error, not zero', () => {
  const counters = parseCounters(['pswpin 1', 'pswpout 2', 'pgmajfault 3', 'oom_kill 4', PRESSURE]);
  expect(counters).toEqual({ swappedInPages: 1, swappedOutPages: 2, majorFaults: 3, oomKills: 4, stalledS: 1.5 });
  expect(countersSince(counters, { ...counters, majorFaults: 5, stalledS: 2 })).toEqual({
    ...{ swappedInPages: 0, swappedOutPages: 0, majorFaults: 2, oomKills: 0, stalledS: 0.5 },
  });
  expect(() => parseCounters(['pswpin 1', 'pswpout 2', 'pgmajfault 3', PRESSURE])).toThrow('no oom_kill');
  expect(() => parseCounters(['pswpin 1', 'pswpout 2', 'pgmajfault 3', 'oom_kill 4'])).toThrow('no total of "some"');
});

it('CPU time of others is what the guests did not use, without waiting for disks', () => {
  const stat = 'cpu  1000 100 500 99999 88888 10 20 70 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n';
  expect(otherCpuSeconds(stat, 'usage_usec 12000000\nuser_usec 1\n')).toBe(5);
  expect(() => otherCpuSeconds('', 'usage_usec 1')).toThrow('no CPU time');
  expect(() => otherCpuSeconds(stat, '\n')).toThrow('no CPU time');
});

const GOOD: Figures = { ...figuresOf(POOR, ROOMY), oomKills: 0, failedSteps: 0, lostGuests: 0 };
const lost = (lostS: number, others: Partial<Figures> = {}): Figures => ({ ...GOOD, lostS, ...others });

const BOUNDS = { seconds: 60, limit: 10 };
const row = (guests: number, ...rounds: Figures[]): DensityRow => ({ guests, policy: 'a.policy', rounds });

it('guests are carried while little of their time is lost and nothing fails in any round', () => {
  expect(lostPercent(row(5, lost(10), lost(20)), 60)).toBe(5);
  expect(isCarried(row(5, lost(10), lost(50)), BOUNDS)).toBe(true);
  expect(isCarried(row(5, lost(10), lost(51)), BOUNDS)).toBe(false);
  expect(isCarried(row(5, lost(0), lost(0, { failedSteps: 1 })), BOUNDS)).toBe(false);
  expect(isCarried(row(5, lost(0, { oomKills: 1 })), BOUNDS)).toBe(false);
  expect(isCarried(row(5, lost(0, { lostGuests: 1 })), BOUNDS)).toBe(false);
  expect(isCarried(row(5, lost(0, { failedSteps: null })), BOUNDS)).toBe(true);
});

it('a host carries no more guests than it carried without a gap', () => {
  const rows = [row(7, lost(0)), row(5, lost(0)), row(6, lost(0))];
  expect(carried(rows, 'a.policy', BOUNDS)).toBe(7);
  expect(carried([row(5, lost(0)), row(6, lost(99)), row(7, lost(0))], 'a.policy', BOUNDS)).toBe(5);
  expect(carried([row(5, lost(99)), row(6, lost(0))], 'a.policy', BOUNDS)).toBeNull();
});

const OPTIONS = parseOptions(['--guests', '5,6', '--policy', 'policies/a.policy']);
const A = 'policies/a.policy';
const RUNS: readonly PolicyRun[] = [
  { round: 0, guests: 5, policy: 'none', figures: lost(3, { moves: 0 }) },
  { round: 0, guests: 5, policy: A, figures: lost(-0.01) },
  { round: 0, guests: 6, policy: A, figures: lost(60, { oomKills: 2 }) },
  { round: 1, guests: 5, policy: 'none', figures: lost(6, { moves: 0 }) },
];
const SIMULATED: readonly PolicyRun[] = [0, 1].flatMap((round) =>
  [5, 6].flatMap((guests) =>
    ['none', A].map((policy) => ({
      round,
      guests,
      policy,
      figures: lost(1, { failedSteps: null, otherCpuS: null, moves: 0 }),
    })),
  ),
);

const RESULTS: DensityResults = {
  options: OPTIONS,
  date: '2030-02-03T04:05:06.000Z',
  cores: 2,
  kernel: '6.1.0',
  roomy: [{ round: 0, guests: 5, takenMib: 5100, stepS: 40 }],
  runs: RUNS,
};

it('the table has means, and each round where chance matters', () => {
  const lines = textTable(figuresTable(rowsOf(RUNS, OPTIONS))).split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
    ['guests', 'policy', 'lost seconds', 'guest major faults', 'guest swap-in, MiB'],
    ['5', 'none', '4.5 (3.0, 6.0)', '32', '1'],
    ['5', 'a.policy', '0', '32', '1'],
    ['6', 'a.policy', '60.0', '32', '1'],
  ]);
});

it('what is not known is not zero', () => {
  const [head, first] = figuresTable(rowsOf(SIMULATED, OPTIONS));
  expect(first![head!.indexOf('failed steps')]).toBe('–');
});

it('the numbers of guests carried stand beside those of the simulator, for the runs that both have', () => {
  const same = sameRuns(RUNS, SIMULATED);
  expect(same).toHaveLength(4);
  expect(carriedTable(rowsOf(RUNS, OPTIONS), rowsOf(same, OPTIONS), OPTIONS, OPTIONS)).toEqual([
    ['policy', 'carried', 'lost with 5', 'lost with 6', 'simulated: carried', 'lost with 5', 'lost with 6'],
    ['none', '5', '1.5 %', '–', '5', '0.3 %', '–'],
    ['a.policy', '5', '0 %', '16.7 %', '≥ 6', '0.3 %', '0.3 %'],
  ]);
});

it('the difference of model and reality is in sums, and in means where a sum has no meaning', () => {
  const table = differenceTable(RUNS, sameRuns(RUNS, SIMULATED));
  expect(table).toContainEqual(['lost seconds', '69.0', '4.0', '0.058']);
  expect(table).toContainEqual(['moves', '14', '0', '–']);
  expect(table).toContainEqual(['mean guest, MiB', '600', '600', '1.0']);
  expect(table.map(([title]) => title)).not.toContain('failed steps');
});

it('the page says when, where and how it was measured, and that it is not complete', () => {
  const text = page(RESULTS, SIMULATED);
  expect(text).toContain('2030-02-03, Linux 6.1.0, 2 cores. Guests of 1024 MiB');
  expect(text).toContain('60 s a run, seed 1 and');
  expect(text).toContain('4 of 8 runs are here');
  expect(text).toContain('| 5 | none | 4.5 (3.0, 6.0) |');
  expect(text).toContain('5: 125 %, 6: 150 %');
  expect(text).toContain('as a mean of 2 rounds');
  expect(text).not.toContain('The keys of');
  expect(text).not.toMatch(/undefined|null|NaN/);
  const options = { ...OPTIONS, rounds: 1, config: '/tmp/own.yaml' };
  const other = page({ ...RESULTS, options, runs: SIMULATED.slice(0, 4) }, SIMULATED);
  expect(other).toContain('as a mean of one round');
  expect(other).toContain('The keys of own.yaml');
  expect(other).not.toContain('cut off');
});

it('results are read as they were written, and nothing else is taken for results', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'density-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'density.json');
  await writeResults(path, RESULTS);
  expect(await readResults(path)).toEqual(RESULTS);
  await writeFile(path, '{"rows": []}');
  await expect(readResults(path)).rejects.toThrow('density.json: these are no results of test:density');
  await expect(readResults(join(folder, 'none.json'))).rejects.toThrow('no results of test:density');
});
