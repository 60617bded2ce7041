import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tunePolicy, type TuneOptions } from '../../../src/cli/handlers/tune.ts';
import { tuningJson, tuningText } from '../../../src/cli/handlers/tune-text.ts';
import type { Choice, Tuning } from '../../../src/cli/handlers/tuning.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';
import { capturedIo } from '../../support/captured-io.ts';

// What runs in threads is in test/process/cli/capacity.test.ts.

const BASE: TuneOptions = {
  ...{ policy: 'mom-balloon', files: ['scenarios/leak.yaml'], config: null, dimensions: ['spare_share'], choices: 8 },
  ...{ seed: 1, seeds: 2, durationMs: null, jobs: 1, cache: false, json: false },
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-tune-'));
  await mkdir(join(folder, 'held-out'));
  await writeFile(join(folder, 'held-out', 'day.yaml'), 'story: a day');
  await symlink(join(folder, 'held-out', 'day.yaml'), join(folder, 'linked.yaml'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('ballast tune', () => {
  it.each([
    ['a scenario that is not there', { files: ['nowhere.yaml'] }, 'nowhere.yaml: there is no such file or directory'],
    ['a policy that is not there', { policy: 'nothing' }, /there is no policy "nothing"/],
    ['a policy that decides nothing', { policy: 'none' }, /^the policy none has no parameters/],
    ['a policy without parameters', { policy: 'first-look' }, /^the policy declares no parameters/],
    [
      'no parameter',
      { dimensions: [] },
      /^no parameter given: use --param NAME=FROM\.\.TO, with one of shortage_share, /,
    ],
    [
      'parameters that are wrong',
      { dimensions: ['spare', 'low_share=5%'] },
      /^--param: unknown .*\n--param: low_share=5%/,
    ],
    ['a parameter twice', { dimensions: ['low_share', 'low_share'] }, '--param low_share is given twice'],
    ['too many parameters', { dimensions: Array<string>(9).fill('low_share') }, /^these are 9 parameters; at most 8/],
    ['too many choices', { choices: 1001 }, /^--choices 1001 is too much/],
  ])('of %s does nothing and says so', async (_, changes, message) => {
    const io = capturedIo();
    const failed = tunePolicy({ ...BASE, ...changes }, io, new AbortController().signal);
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
    expect(io.stdout.text).toBe('');
  });

  it.each(['held-out/day.yaml', 'linked.yaml'])('refuses %s, which is there to judge the result', async (name) => {
    const failed = tunePolicy({ ...BASE, files: [join(folder, name)] }, capturedIo(), new AbortController().signal);
    await expect(failed).rejects.toThrow(/ is held out: it is there to judge a result/);
  });

  it('that is stopped at once says that nothing was judged', async () => {
    const io = capturedIo();
    expect(await tunePolicy(BASE, io, AbortSignal.abort())).toBe(1);
    expect(io.stdout.text).toBe('');
    expect(io.stderr.text).toMatch(/^stopped: /);
  });
});

describe('the table', () => {
  const choice = (value: string | null, ...used: readonly number[]): Choice => ({
    values: value === null ? [] : [value],
    bySeed: new Map(used.map((usedKib, at) => [at + 1, { killed: 0, stallShare: 0.001, usedKib }])),
  });
  const tuning = (...finalists: readonly Choice[]): Tuning => ({
    ...{ policy: 'mom-balloon', scenarios: ['day'], tried: 8, isJudged: true, seeds: [1, 2, 3] },
    dimensions: [{ name: 'spare_share', from: 0.05, to: 0.4, today: '20%', unit: '%', isWhole: false }],
    ...{ today: choice(null, 4096, 5120, 6144), finalists },
  });

  it('has the values of today first, and what differs by more than chance is marked and recommended', () => {
    expect(tuningText(tuning(choice('30%', 5120, 6144, 7168), choice('10%', 3072, 4096, 5120))).split('\n')).toEqual([
      'mom-balloon, 8 choices of spare_share',
      'day; seeds: 3, from 1 to 3',
      '',
      'spare_share  killed    waited    memory in use',
      '        20%       0     0.1 %            5 MiB    today',
      '        10%       0     0.1 %            4 MiB +',
      '        30%       0     0.1 %            6 MiB -  dominated',
      '',
      expect.stringMatching(/^\+ better, - worse than today's values/) as string,
      '',
      "recommended: better than today's values by more than chance, and worse in nothing",
      '  ballast params set spare_share 10%',
      '',
    ]);
  });

  it('recommends nothing that may be chance, and says so', () => {
    const perhaps = tuning(choice('10%', 1024, 9216, 4096));
    expect(tuningText(perhaps)).toMatch(/\nno recommendation: no choice is better than today's values by more/);
    const one = { ...tuning(choice('10%', 1024)), seeds: [1], today: choice(null, 4096) };
    expect(tuningText(one)).toMatch(/\nno recommendation: one seed cannot show/);
    expect(tuningText({ ...perhaps, isJudged: false })).not.toContain('recommend');
  });

  it('is an object as JSON', () => {
    const json = JSON.parse(tuningJson(tuning(choice('10%', 3072, 4096, 5120)))) as unknown;
    expect(json).toMatchObject({
      ...{ policy: 'mom-balloon', tried: 8, judged: true, today: { values: { spare_share: '20%' }, usedKib: 5120 } },
      choices: [{ values: { spare_share: '10%' }, recommended: true, differences: { usedKib: { mean: -1024 } } }],
    });
  });
});
