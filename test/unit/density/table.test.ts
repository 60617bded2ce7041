import { expect, it } from 'vitest';
import { figuresOf } from '../../real-host/density/figures.ts';
import { parseOptions } from '../../real-host/density/options.ts';
import { lostSeconds, parseCounters } from '../../real-host/density/pain.ts';
import type { RunResult } from '../../real-host/density/run.ts';
import { page, textTable, type DensityReport } from '../../real-host/density/table.ts';

const host = { swappedInPages: 512, swappedOutPages: 2560, oomKills: 1, stalledS: 3.25, mostTakenKib: 0 };
const done = (...stepMs: number[]) => ({ stepMs, failed: 0, answers: true });
const counted = (swappedInPages: number, oomKills: number) => ({ swappedInPages, swappedOutPages: 0, oomKills });

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
});

it('the figures of a run count guests and host', () => {
  expect(figuresOf(POOR, ROOMY)).toEqual({
    lostS: 3,
    guestSwapInMib: 1,
    hostSwapInMib: 2,
    hostSwapOutMib: 10,
    hostStalledS: 3.25,
    oomKills: 3,
    failedSteps: 1,
    lostGuests: 1,
    moves: 7,
    meanGuestMib: 600,
  });
});

it('a counter that the kernel lacks is an error, not zero', () => {
  expect(parseCounters(['pswpin 1', 'pswpout 2', 'oom_kill 3'])).toEqual({
    swappedInPages: 1,
    swappedOutPages: 2,
    oomKills: 3,
  });
  expect(() => parseCounters(['pswpin 1', 'pswpout 2'])).toThrow('no oom_kill');
});

const FIGURES = figuresOf(POOR, ROOMY);

const REPORT: DensityReport = {
  options: parseOptions([]),
  date: '2030-02-03T04:05:06.000Z',
  cores: 2,
  kernel: '6.1.0',
  roomyMib: [2100, 2200],
  rows: [
    { load: 1.4, policy: 'none', hostMib: [1500, 1600], rounds: [FIGURES, { ...FIGURES, lostS: 6, moves: 0 }] },
    {
      load: 1.4,
      policy: 'policies/mom-balloon.policy',
      hostMib: [1500, 1600],
      rounds: [{ ...FIGURES, lostS: -0.01, oomKills: 0 }],
    },
  ],
};

it('the table has means, and each round where chance matters', () => {
  const lines = textTable(REPORT.rows).split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 6))).toEqual([
    ['load', 'host, MiB', 'policy', 'lost seconds', 'guest swap-in, MiB', 'host swap-out, MiB'],
    ['1.4', '1550', 'none', '4.5 (3.0, 6.0)', '1', '10 (10, 10)'],
    ['1.4', '1550', 'mom-balloon.policy', '0', '1', '10'],
  ]);
});

it('the page says when, where and how it was measured', () => {
  const text = page(REPORT);
  expect(text).toContain('2030-02-03, Linux 6.1.0, 2 cores. 4 guests of 768 MiB');
  expect(text).toContain('120 s a run, seed 1.');
  expect(text).toContain('(2100, 2200 MiB)');
  expect(text).toContain('| 1.4 | 1550 | none | 4.5 (3.0, 6.0) |');
  expect(text).toContain('means of 2 rounds');
  expect(text).not.toContain('the keys of');
  expect(text).not.toMatch(/undefined|null|NaN/);
  const other = page({ ...REPORT, options: parseOptions(['--rounds', '1', '--config', '/tmp/own.yaml']) });
  expect(other).toContain('means of 1 round;');
  expect(other).toContain('the keys of own.yaml');
});
