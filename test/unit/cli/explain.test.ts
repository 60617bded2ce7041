import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
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
const BALLOON = ['--policy', join(ROOT, 'policies/mom-balloon.policy')];
const KSM = ['--policy', join(ROOT, 'policies/mom-ksm.policy')];

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
        const of = guest === null ? [] : ['--guest', guest];
        // The recording was made before KSM had a least sleep.
        const policies = [...BALLOON, ...KSM, '--param', 'least_sleep_ms=1'];
        const { code, stdout } = await explain([DEMO, '--at', `+${minutes}min`, ...of, ...policies, '--json']);
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
      /^guest web-1 at 2026-01-02T03:04:15\.250Z, evaluation 2 of 3, the last at or before 2026-01-02T03:04:19Z\n\nballoon_target 973 MiB: Ballooning guest:web-1 from 1 GiB to 973 MiB\n/,
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

  it('says that guards had their default settings where one held a request back', async () => {
    const held = [DEMO, '--at', '2026-11-21T03:36:09.152Z', '--guest', 'db-1'];
    const { stdout, stderr } = await explain([...held, ...BALLOON]);
    expect(stdout).toContain(': held back: the host would get little');
    expect(stderr).toBe('note: the guards have their default settings here; --config FILE uses those of the daemon\n');
    const config = join(folder, 'ballast.yaml');
    await writeFile(config, `policy:\n  files: [${join(ROOT, 'policies/mom-balloon.policy')}]\n`);
    expect((await explain([...held, '--config', config])).stderr).toBe('');
  });

  it('reads the policy from the config', async () => {
    const config = join(folder, 'ballast.yaml');
    await writeFile(config, `policy:\n  files: [${join(ROOT, 'policies/mom-balloon.policy')}]\n`);
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
      '"noon" is not a time; expected 03:12:40, 2026-01-02T03:12:40Z, +5min from the start, last or now\n',
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

describe('the time of a recording that goes on', () => {
  const local = (offsetMs: number) => {
    const date = new Date(Date.parse(RECORDED_FROM) + offsetMs);
    const two = (value: number) => String(value).padStart(2, '0');
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    return { day, time: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}` };
  };
  const at = async (time: string, path = small) =>
    (await explain([path, '--at', time, '--guest', 'web-1', ...BALLOON])).stdout.split('\n')[0];
  const { day, time } = local(10_000);

  it.each([
    ['a time of day, its milliseconds left out', time],
    ['a time of day with milliseconds', `${time}.250`],
    ['a line of the log', `${day} ${time}`],
    ['a line of the log with milliseconds', `[${day} ${time}.250]`],
    ["a line in MOM's format", `${day} ${time},250`],
    ['a line in JSON', '2026-01-02T03:04:15.250Z'],
  ])('is found by %s: %s', async (_what, text) => {
    expect(await at(text)).toContain('at 2026-01-02T03:04:15.250Z, evaluation 2 of 3');
  });

  it.each(['last', local(20_000).time, local(29_000).time, '03:04:34Z'])('%s is the last evaluation', async (text) => {
    expect(await at(text)).toContain('at 2026-01-02T03:04:25.250Z, evaluation 3 of 3');
  });

  it('a time of day more than an interval past the end is an error', async () => {
    expect((await explain([small, '--at', '03:05:00Z', ...BALLOON])).stderr).toContain('is outside the recording');
  });

  it('now is after the end of an old recording', async () => {
    const { code, stderr } = await explain([small, '--at', 'now', ...BALLOON]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^nothing was evaluated at .*; --at last explains the last evaluation\n$/,
      ) as string,
    });
  });

  it('a file that is still being written is read without a warning', async () => {
    const live = join(folder, 'live.jsonl.gz');
    const whole = join(folder, 'whole.jsonl.gz');
    await recordSmall(whole);
    const bytes = await readFile(whole);
    // The writer flushes each line; the end of the file comes when it closes it.
    const end = bytes.lastIndexOf(Buffer.from([0, 0, 0xff, 0xff])) + 4;
    await writeFile(live, bytes.subarray(0, end));
    expect(await explain([live, '--at', 'last', ...BALLOON])).toMatchObject({ code: 0, stderr: '' });
    const old = new Date(Date.now() - 3_600_000);
    await utimes(live, old, old);
    expect((await explain([live, '--at', 'last', ...BALLOON])).stderr).toContain('was not closed properly');
  });

  it('is found in the directory of its rotated files', async () => {
    const rotated = await mkdtemp(join(folder, 'rotated-'));
    await recordSmall(join(rotated, 'day.20260102T030430000Z.jsonl.gz'));
    await recordSmall(join(rotated, 'day.jsonl.gz'), { fromMs: Date.parse(RECORDED_FROM) + 60_000 });
    await writeFile(join(rotated, 'notes.txt'), 'not a recording');
    expect(await at('03:04:16Z', rotated)).toMatch(/^guest web-1 at .*:15\.250Z, evaluation 2 of 3 in .*T030430000Z/);
    expect(await at('03:05:16Z', rotated)).toMatch(
      /^guest web-1 at .*03:05:15\.250Z, evaluation 2 of 3 in .*day\.jsonl\.gz/,
    );
    expect(await at('last', rotated)).toContain('03:05:25.250Z, evaluation 3 of 3');
    expect(await at('+70s', rotated)).toContain('03:05:15.250Z, evaluation 2 of 3');
    const { code, stderr } = await explain([rotated, '--at', '03:04:50Z', ...BALLOON]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('nothing was evaluated at') as string,
    });
  });

  it.each([
    ['has no recordings', async () => undefined],
    [
      'has several recordings (a, b); give a single file',
      async (path: string) => {
        await recordSmall(join(path, 'a.jsonl'));
        await recordSmall(join(path, 'b.jsonl'));
      },
    ],
  ])('a directory that %s is an error', async (message, fill) => {
    const path = await mkdtemp(join(folder, 'other-'));
    await fill(path);
    const { code, stderr } = await explain([path, '--at', 'last', ...BALLOON]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) as string });
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
