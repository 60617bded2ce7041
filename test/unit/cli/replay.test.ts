import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import type { ParamOverride } from '../../../src/model/parameter.ts';
import { Captured, capturedIo } from '../../support/captured-io.ts';
import { RECORDED_FROM, recordSmall } from '../../support/recordings.ts';

const policy = (name: string) => ['--policy', join(import.meta.dirname, `../../../policies/${name}.policy`)];
const BALLOON = policy('mom-balloon');

let folder: string;
let recording: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-replay-'));
  recording = join(folder, 'short.jsonl.gz');
  await recordSmall(recording);
});
afterAll(() => rm(folder, { recursive: true }));

async function replay(args: readonly string[], changes: { stderr?: Captured; stop?: AbortSignal } = {}) {
  const io = { ...capturedIo(), ...(changes.stderr && { stderr: changes.stderr }) };
  const code = await buildProgram(io, {
    stop: changes.stop ?? new AbortController().signal,
    onReload: () => {},
    isAlive: () => true,
  })(['replay', ...args]);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** The time of the recording in the local time zone. */
function local(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

describe('ballast replay', () => {
  it('prints each decision with the recorded time and the position in the policy, then the summary', async () => {
    const { code, stdout, stderr } = await replay([recording, ...BALLOON]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    const decisions = lines.slice(0, lines.indexOf(''));
    expect(decisions).toHaveLength(6);
    for (const [index, line] of decisions.entries()) {
      const [at, guest] = [Date.parse(RECORDED_FROM) + Math.floor(index / 2) * 10_000, ['web-1', 'db-1'][index % 2]];
      expect(line).toMatch(
        new RegExp(
          `^\\[${local(at)}\\.250\\] INFO \\(balloon\\): Ballooning guest:${guest} from 1048576 to 996147: free [0-9.]+% < 20% \\(.*balloon\\.policy:\\d+\\)$`,
        ),
      );
    }
    expect(stdout).toMatch(/^web-1 +1048576 +1048576 +996147 +996147 +3 +0$/m);
  });

  it('--log-format mom prints lines that scripts for MOM can read', async () => {
    const { stdout } = await replay([recording, ...BALLOON, '--log-format', 'mom']);
    expect(stdout.split('\n')[0]).toBe(
      `${local(Date.parse(RECORDED_FROM))},250 - mom.Controllers.Balloon - INFO - Ballooning guest:web-1 from 1048576 to 996147`,
    );
  });

  it('--json prints an object for each evaluation, then the summary', async () => {
    const { code, stdout } = await replay([recording, ...BALLOON, ...policy('first-look'), '--json']);
    expect(code).toBe(0);
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects).toHaveLength(4);
    expect(objects[0]).toMatchObject({
      time: RECORDED_FROM,
      errors: [],
      actions: [
        { control: 'balloon_target', guest: { name: 'web-1' }, from: 1048576, to: 996147 },
        { guest: { name: 'db-1' } },
      ],
      debug: [
        { text: expect.stringContaining('host: free memory') as string },
        { text: expect.stringContaining('guest web-1') as string },
        {},
      ],
    });
    expect(objects[3]).toMatchObject({
      summary: {
        file: recording,
        host: { evaluations: 3 },
        guests: [{ name: 'web-1', decisions: 3 }, { name: 'db-1' }],
      },
    });
  });

  it('--quiet prints only the summary, also as JSON', async () => {
    expect((await replay([recording, ...BALLOON, '--quiet'])).stdout).toMatch(/^\nguest \(KiB\)/);
    expect(
      Object.keys(JSON.parse((await replay([recording, ...BALLOON, '--quiet', '--json'])).stdout) as object),
    ).toEqual(['summary']);
  });

  it('stamps the output of debug with the time of its interval', async () => {
    const { stdout } = await replay([recording, ...policy('first-look'), '--log-format', 'mom']);
    const times = stdout
      .split('\n')
      .filter((line) => line.includes('host: free memory'))
      .map((line) => line.slice(0, 19));
    expect(times).toEqual([0, 1, 2].map((n) => local(Date.parse(RECORDED_FROM) + n * 10_000)));
  });

  it('--policy-interval sets the evaluation interval', async () => {
    const { stdout } = await replay([recording, ...BALLOON, '--policy-interval', '20s', '--json']);
    expect(stdout.split('\n').filter((line) => line.startsWith('{"time"'))).toHaveLength(2);
  });

  it('replays several files, each with its own summary', async () => {
    const plenty = join(folder, 'plenty.jsonl');
    await recordSmall(plenty, { free: 0.9, guests: ['mail-1'] });
    const { code, stdout } = await replay([recording, plenty, ...BALLOON]);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith(folder))).toEqual([recording, plenty]);
    const second = stdout.slice(stdout.indexOf(plenty));
    expect(second).toMatch(/^mail-1 +1048576 +1048576 +- +- +0 +0$/m);
    expect(second).not.toContain('web-1');
  });

  it('gives guests the labels of the config by their recorded names', async () => {
    const [config, tagged] = ['labels.yaml', 'labels.policy'].map((name) => join(folder, name)) as [string, string];
    await writeFile(config, 'guests: {labels: [{match: "db-*", labels: [db, tier-1]}]}\n');
    await writeFile(tagged, '(with Guests vm (debug (vm.Prop "name") (vm.Prop "labels") "."))');
    const run = async (...args: string[]) =>
      (await replay([recording, '--policy', tagged, '--log-format', 'mom', ...args])).stdout;
    expect(await run('--config', config)).toMatch(/db-1 db tier-1 \.[^]*web-1 {2}\.|web-1 {2}\.[^]*db-1 db tier-1 \./);
    expect(await run()).not.toContain('tier-1');
  });

  describe('of a policy with parameters', () => {
    const set = (given: string, name = 'share'): ParamOverride[] => [
      { name, target: { kind: 'all' }, given },
      { name, target: { kind: 'guest', pattern: 'db-*' }, given: '7%' },
    ];
    const recorded = [set('30%'), set('30%'), set('40%'), []];
    let file: string;
    let declared: string;
    beforeAll(async () => {
      file = join(folder, 'parameters.jsonl');
      await recordSmall(file, { intervals: 4, parameters: (n) => recorded[n]! });
      declared = join(folder, 'parameters.policy');
      await writeFile(
        declared,
        '(param share 20% :max 90%) (debug "share" share) (with Guests vm (debug (vm.Prop "name") share))',
      );
    });
    const run = async (...args: string[]) => {
      const { stdout, stderr, code } = await replay([file, '--log-format', 'mom', ...args]);
      return { code, stderr, messages: stdout.split('\n').flatMap((line) => / INFO - (.*)$/.exec(line)?.[1] ?? []) };
    };
    const of = (...shares: (readonly [number, number])[]) =>
      shares.flatMap(([all, db]) => [`share ${all}`, `db-1 ${db}`, `web-1 ${all}`]).sort();

    it('uses the recorded values of each interval', async () => {
      const { messages, stderr } = await run('--policy', declared);
      expect([...messages].sort()).toEqual(of([0.3, 0.07], [0.3, 0.07], [0.4, 0.07], [0.2, 0.2]));
      expect(messages.filter((line) => line.startsWith('share'))).toEqual([
        'share 0.3',
        'share 0.3',
        'share 0.4',
        'share 0.2',
      ]);
      expect(stderr).toBe('');
    });

    it('--param overrides the recorded values', async () => {
      expect((await run('--policy', declared, '--param', 'share=50%')).messages.sort()).toEqual(
        of([0.5, 0.07], [0.5, 0.07], [0.5, 0.07], [0.5, 0.5]),
      );
      expect(await run('--policy', declared, '--param', 'share=95%')).toMatchObject({
        code: 2,
        stderr: '--param share: 95% is outside the range: at most 90%\n',
      });
    });

    it('the config overrides the recorded values and reports it; the current parameters file is not used', async () => {
      const config = join(folder, 'parameters.yaml');
      await writeFile(
        config,
        `policy:\n  files: ${declared}\n  parameters: {share: 60%}\n  parameters_file: now.yaml\n`,
      );
      await writeFile(join(folder, 'now.yaml'), 'share: 80%\n');
      const { messages, stderr } = await run('--config', config);
      expect(messages.sort()).toEqual(of([0.6, 0.07], [0.6, 0.07], [0.6, 0.07], [0.6, 0.6]));
      expect(stderr.replaceAll(`${folder}/`, '')).toBe(
        [
          'warning: share is 60%, as parameters.yaml:3 says; recorded was 30%',
          'warning: share is 60%, as parameters.yaml:3 says; recorded was 40%',
          '',
        ].join('\n'),
      );
    });

    it('skips values that do not fit the current policy, with one warning each', async () => {
      const other = join(folder, 'other.policy');
      await writeFile(other, '(param share 20% :max 35%) (debug "share" share)');
      const { messages, stderr } = await run('--policy', other);
      expect(messages).toEqual(['share 0.3', 'share 0.3', 'share 0.2', 'share 0.2']);
      expect(stderr).toBe('warning: share, recorded as "40%", is ignored: 40% is outside the range: at most 35%\n');
      expect((await run(...BALLOON)).stderr.split('\n')).toEqual([
        expect.stringMatching(/^warning: share, recorded as "30%", is ignored: unknown parameter "share"/) as string,
        expect.stringMatching(
          /^warning: share for guests db-\*, recorded as "7%", is ignored: unknown parameter "share"/,
        ) as string,
        expect.stringMatching(/^warning: share, recorded as "40%", is ignored: unknown parameter "share"/) as string,
        '',
      ]);
    });
  });

  it('continues with the other files when one cannot be read, and exits with its exit code', async () => {
    const { code, stdout, stderr } = await replay(['nowhere.jsonl', recording, ...BALLOON]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'nowhere.jsonl: there is no such file\n' });
    expect(stdout).toContain('web-1');
  });

  it.each(['cut.jsonl', 'cut.jsonl.gz'])('reads %s up to the last complete line and warns', async (name) => {
    const cut = join(folder, name);
    await recordSmall(cut, { intervals: 50 });
    const complete = await readFile(cut);
    await truncate(cut, complete.length - (name.endsWith('gz') ? 8 : 20));
    const { code, stdout, stderr } = await replay([cut, ...BALLOON]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*cut\.jsonl.* (is incomplete and ignored|to its last complete line)\n$/);
    expect(stdout).toContain('Ballooning guest:web-1');
    expect(stdout).toContain('the policy evaluated in');
  });

  it('stops at a damaged line in the middle and reports its number', async () => {
    const broken = join(folder, 'broken.jsonl');
    await recordSmall(broken);
    await appendFile(broken, 'oops\n{"t":1}\n');
    const { code, stderr } = await replay([broken, ...BALLOON]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\S*broken\.jsonl:5: /);
  });

  it.each([
    ['empty', '', 'the recording is empty'],
    ['other', '{"a": 1}\n', '"ballast_recording" is missing from the first line'],
    ['newer', '{"ballast_recording": 2}\n', 'the recording has version 2; this program reads version 1'],
  ])('rejects a file that is %s', async (name, text, message) => {
    const file = join(folder, `${name}.jsonl`);
    await writeFile(file, text);
    const { code, stdout, stderr } = await replay([file, ...BALLOON]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('rejects a policy with errors before it reads any recording', async () => {
    const wrong = join(folder, 'wrong.policy');
    await writeFile(wrong, '(Host.Control "ksm_rum" 1)\n');
    const { code, stdout, stderr } = await replay([recording, '--policy', wrong]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('wrong.policy:1:');
    expect(stderr).toContain('"ksm_run"');
  });

  it('shows progress on a terminal and clears it afterwards', async () => {
    const stderr = new Captured(true);
    await replay([recording, ...BALLOON, '--quiet'], { stderr });
    expect(stderr.text).toMatch(/^\rreplayed \d+ %\u001b\[K/);
    expect(stderr.text).toMatch(/\r\u001b\[K$/);
  });

  it('stops at the next interval when it is aborted', async () => {
    const { code, stdout } = await replay([recording, ...BALLOON], { stop: AbortSignal.abort() });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});
