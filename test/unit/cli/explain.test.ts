import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { MomentError, readMoment } from '../../../src/cli/support/moment.ts';
import type { Explanation } from '../../../src/tooling/explain/explain.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { RECORDED_FROM, recordSmall } from '../../support/recordings.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DEMO = join(ROOT, 'test/recordings/demo.jsonl.gz');
const BALLOON = ['--policy', join(ROOT, 'policies/balloon.policy')];
const KSM = ['--policy', join(ROOT, 'policies/ksm.policy')];

let folder: string;
let small: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-explain-'));
  small = join(folder, 'small.jsonl');
  await recordSmall(small);
});
afterAll(() => rm(folder, { recursive: true }));

async function explain(args: readonly string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true })([
    'explain',
    ...args,
  ]);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** The examples in the documentation. `npx vitest run test/unit/cli/explain.test.ts -u` writes the files. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  shrinks: ['--at', '+4min', '--guest', 'batch-1', ...BALLOON],
  'why-not': ['--at', '+1min', '--guest', 'web-1', ...BALLOON],
};

describe('explanations over the demo recording', () => {
  const golden = join(ROOT, 'test/recordings/explain');

  it('each have a golden file, and there are no other golden files', () => {
    expect(readdirSync(golden).sort()).toEqual(
      Object.keys(SHOWN)
        .map((name) => `${name}.txt`)
        .sort(),
    );
  });

  it.each(Object.entries(SHOWN))('%s', async (name, args) => {
    const { code, stdout, stderr } = await explain([DEMO, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(join(golden, `${name}.txt`));
  });

  it('exist for the host and every guest in every evaluation, and agree with the replay', async () => {
    for (const minutes of [1, 5, 9, 13, 15]) {
      for (const guest of ['web-1', 'db-1', null]) {
        const args = guest === null ? [] : ['--guest', guest];
        const { code, stdout } = await explain([DEMO, '--at', `+${minutes}min`, ...args, ...BALLOON, ...KSM, '--json']);
        expect(code).toBe(0);
        const { asked, notReached, errors, asRecorded } = JSON.parse(stdout) as Explanation;
        expect(asked.length + notReached.length).toBeGreaterThan(0);
        expect({ errors, asRecorded }).toMatchObject({ errors: [], asRecorded: { same: true } });
        for (const { path, control, shown } of asked)
          expect(path.at(-1)?.text).toMatch(
            new RegExp(`^requests ${control} = .*${shown}$|^requests ${control} = ${shown}$`),
          );
        for (const { ways } of notReached)
          for (const lines of ways) expect(lines.some(({ kind }) => kind === 'failed')).toBe(true);
      }
    }
  });
});

describe('ballast explain', () => {
  it('explains the last evaluation at or before the time', async () => {
    const { stdout } = await explain([small, '--at', '2026-01-02T03:04:19Z', '--guest', 'web-1', ...BALLOON]);
    expect(stdout).toMatch(
      /^guest web-1 at 2026-01-02T03:04:15\.250Z, evaluation 2 of 3, the last at or before 2026-01-02T03:04:19Z\n\nballoon_target 973 MiB: Ballooning guest:web-1 from 1048576 to 996147\n/,
    );
  });

  it('finds a guest by its uuid', async () => {
    const first = JSON.parse(
      (await explain([small, '--at', '+0s', '--guest', 'web-1', ...BALLOON, '--json'])).stdout,
    ) as { guest: { uuid: string } };
    const byUuid = JSON.parse(
      (await explain([small, '--at', '+0s', '--guest', first.guest.uuid, ...BALLOON, '--json'])).stdout,
    ) as unknown;
    expect(byUuid).toEqual(first);
  });

  it('reads the policy from the config', async () => {
    const config = join(folder, 'ballast.yaml');
    await writeFile(config, `policy:\n  files: [${join(ROOT, 'policies/balloon.policy')}]\n`);
    const { code, stdout } = await explain([small, '--at', '+0s', '--guest', 'web-1', '--config', config]);
    expect(code).toBe(0);
    expect(stdout).toContain('requests balloon_target');
  });

  it.each<[string, readonly string[], number, string]>([
    [
      'reports a missing policy',
      ['--at', '+0s'],
      2,
      'no policy given, and recordings contain none: use --policy FILE, or --config FILE with a policy in it\n',
    ],
    [
      'reports a missing time',
      ['--at', 'noon', ...BALLOON],
      2,
      '"noon" is not a time; expected 03:12:40, 2026-01-02T03:12:40Z, or +5min from the start\n',
    ],
    ['reports an invalid time offset', ['--at', '+5 parsecs', ...BALLOON], 2, '"+5 parsecs" is not a time: '],
    [
      'reports a time before the recording',
      ['--at', '2026-01-01', ...BALLOON],
      2,
      'nothing was evaluated at 2026-01-01T00:00:00.000Z or just before: the policy is evaluated from 2026-01-02T03:04:05.250Z to 2026-01-02T03:04:25.250Z\n',
    ],
    [
      'reports a time after the recording',
      ['--at', '+1h', ...BALLOON],
      2,
      'nothing was evaluated at 2026-01-02T04:04:05.250Z or just before: ',
    ],
    [
      'reports a misspelt guest',
      ['--at', '+0s', '--guest', 'web-l', ...BALLOON],
      2,
      'there is no guest web-l at 2026-01-02T03:04:05.250Z; did you mean web-1?; there are db-1, web-1\n',
    ],
    ['reports a policy that cannot be read', ['--at', '+0s', '--policy', '/nowhere'], 2, '/nowhere'],
  ])('%s', async (_, args, code, message) => {
    const got = await explain([small, ...args]);
    expect({ code: got.code, stdout: got.stdout }).toEqual({ code, stdout: '' });
    expect(got.stderr).toContain(message);
  });

  it('reports a recording that cannot be read', async () => {
    const { code, stderr } = await explain([join(folder, 'none'), '--at', '+0s', ...BALLOON]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `${join(folder, 'none')}: there is no such file\n` });
  });
});

describe('the time on the command line', () => {
  const from = Date.parse(RECORDED_FROM);
  const to = from + 3_600_000;

  it.each<[string, number]>([
    ['+90s', from + 90_000],
    ['2026-01-02T03:30:00Z', Date.parse('2026-01-02T03:30:00Z')],
    ['2026-01-02 03:30:00', new Date('2026-01-02T03:30:00').getTime()],
    ['03:30Z', Date.parse('2026-01-02T03:30:00Z')],
    ['03:30:15.5Z', Date.parse('2026-01-02T03:30:15.500Z')],
  ])('%s', (text, want) => {
    expect(readMoment(text, from, to)).toBe(want);
  });

  it('is local time without a Z, as in the output of a replay', () => {
    const date = new Date(from + 60_000);
    const two = (value: number) => String(value).padStart(2, '0');
    expect(readMoment(`${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`, from, to)).toBe(
      from + 60_000 - 250,
    );
  });

  it.each([
    ['04:30Z', 'is outside the recording, which covers 2026-01-02T03:04:05.250Z to 2026-01-02T04:04:05.250Z'],
    ['24:00', 'is not a time'],
    ['2026-13-01', 'is not a time'],
  ])('%s %s', (text, message) => {
    expect(() => readMoment(text, from, to)).toThrow(MomentError);
    expect(() => readMoment(text, from, to)).toThrow(message);
  });

  it('needs a date when the recording has that time on several days', () => {
    expect(() => readMoment('03:30Z', from, from + 3 * 86_400_000)).toThrow(
      '03:30Z occurs on several days of the recording; give the date, such as 2026-01-02T03:30:00.000Z',
    );
  });
});
