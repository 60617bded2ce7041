import { describe, expect, it } from 'vitest';
import { simulateScenarios, type SimulateOptions } from '../../../src/cli/handlers/simulate.ts';
import { jsonLine, resultTable } from '../../../src/cli/handlers/simulate-text.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { measured } from '../comparison/measured.ts';
import { scenario } from '../simulation/specs.ts';

// What runs in threads is in test/process/cli/simulate.test.ts.

const BASE: SimulateOptions = {
  ...{ files: ['scenarios/leak.yaml'], config: null, policies: ['mom-balloon'], parameters: [], seed: 1, seeds: 1 },
  ...{ durationMs: null, more: 0, jobs: 1, cache: false, json: false, output: null, report: null, parquet: null },
};

describe('ballast simulate', () => {
  it.each([
    ['a scenario that is not there', { files: ['nowhere.yaml'] }, 'nowhere.yaml: there is no such file or directory'],
    [
      'a policy that is not there',
      { policies: ['nothing'] },
      /^there is no policy "nothing": expected a file, or one of .*mom-balloon, .*none, oracle$/,
    ],
    [
      'one of several joined with + that is not there, the other one with its ending',
      { policies: ['mom-ksm.policy+nothing'] },
      /^there is no policy "nothing": expected a file, or one of /,
    ],
    ['none joined with others', { policies: ['mom-ksm+none'] }, /^the policy none cannot be combined with others/],
    ['none with others', { policies: ['none', 'mom-ksm'] }, /^the policy none cannot be combined with others/],
    ['oracle with others', { policies: ['mom-ksm', 'oracle'] }, /^the policy oracle cannot be combined with others/],
    ['no policy', { policies: [] }, /^no policy given: use --policy FILE/],
    [
      'one recording for two simulations',
      { seeds: 2, output: 'a.jsonl' },
      /^--output records one simulation, .* are 2/,
    ],
    [
      'two simulations in one partition',
      { files: ['scenarios/leak.yaml', 'scenarios/leak.yaml'], parquet: 'tables' },
      /^--parquet would write two simulations of leak to one place: give scenarios of other names$/,
    ],
    ['a recording with another ending', { output: 'a.csv' }, /^--output must be a path that ends with \.jsonl or /],
    [
      'a parameter that is not there',
      { parameters: [{ name: 'x', given: '1', target: { kind: 'all' as const } }] },
      /x/,
    ],
  ])('of %s does nothing and says so', async (_, changes, message) => {
    const io = capturedIo();
    const failed = simulateScenarios({ ...BASE, ...changes }, io, new AbortController().signal);
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
    expect(io.stdout.text).toBe('');
  });
});

describe('the table', () => {
  const pain = { stallS: 90, refaultedKib: 2048, guestOomKills: 1, hostOomKills: 0, hostSwapOutKib: 0 };
  const gain = {
    balloonGibH: 1.25,
    ksmGibH: -0.1,
    guests: 4,
    promised: 1.2,
    balloonMoves: 7,
    ksmdCpuS: 30,
    usedKib: 2048,
    usedPeakKib: 4096,
  };
  const bound = {
    ...{ feasible: false, tightestS: 90, headroomKib: -1024, shortageGibH: 0.1, meanKib: 1024, peakKib: 2048 },
    tooSmall: [],
  };
  const result = {
    pain: { ...pain, hostSwapInKib: 0, belowMinS: 0, unfairness: null },
    gain,
    ...{ guests: [], bound, series: measured().series, guestSeries: [], simulatedS: 3600 },
  };
  const one = { scenario: scenario([]), seed: 1, result };

  it('has a column for each scenario, and a dash for what is unknown', () => {
    const lines = resultTable([one])
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['', 'test'],
      ['simulated', '60 min'],
      ['seeds', '1'],
      [''],
      ['guests waited for memory', '90 s'],
      ['of their running time', '-'],
      ['read again by guests', '2 MiB'],
      ['programs killed in guests', '1'],
      ['guests killed by the host', '0'],
      ['swapped out by the host', '0 KiB'],
      ['swapped in by the host', '0 KiB'],
      ['guests below their minimum', '0 s'],
      ['unfairness of the waiting, 0 to 1', '-'],
      [''],
      ['given back by balloons', '1.3 GiB h'],
      ['saved by KSM', '-0.1 GiB h'],
      ['memory in use by guests, on average', '2 MiB'],
      ['of that, needed at best', '50 %'],
      ['guests that ran, on average', '4'],
      ['promised to them, of the memory of the host', '120 %'],
      ['balloons moved', '7'],
      ['CPU time of ksmd', '30 s'],
      [''],
      ['left in the tightest second, at best', '-1 MiB'],
      [''],
    ]);
  });

  it('has the mean of several seeds, with the least and the most where they differ', () => {
    const other = { ...one, seed: 3, result: { ...result, pain: { ...result.pain, stallS: 30 } } };
    const text = resultTable([one, other]);
    expect(text).toMatch(/^seeds +2, from 1 to 3$/m);
    expect(text).toMatch(/^guests waited for memory +60 s \(30 s to 90 s\)$/m);
    expect(text).toMatch(/^balloons moved +7$/m);
  });

  it('is one object a line as JSON', () => {
    expect(JSON.parse(jsonLine(one))).toMatchObject({
      scenario: 'test',
      seed: 1,
      simulated_s: 3600,
      pain,
      gain,
      bound,
    });
  });
});
