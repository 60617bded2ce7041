import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { RECORDED_FROM, recordSmall } from '../../support/recordings.ts';
import { uuidOf } from '../../support/builders.ts';

const DEMO = join(import.meta.dirname, '../../recordings/demo.jsonl.gz');
const BALLOON = join(import.meta.dirname, '../../../policies/mom-balloon.policy');

let folder: string;
let small: string;
let counting: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-eval-recording-'));
  small = join(folder, 'small.jsonl');
  await recordSmall(small, { parameters: (n) => [{ name: 'step', given: `${n + 1}%`, target: { kind: 'all' } }] });
  counting = join(folder, 'counting.policy');
  await writeFile(
    counting,
    `(param step 10%)
(debug step)
(def seen () (default (Host.GetVar "seen") 0))
(Host.SetVar "seen" (+ (seen) 1))
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function evaluated(args: readonly string[], typed = '') {
  const io = { ...capturedIo(), stdin: Readable.from([typed]) };
  const daemon = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, daemon)(['eval', ...args]);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe('eval --recording', () => {
  it.each<[string, readonly string[], string]>([
    ['the fields of host and guests', ['(list Host.mem_free (sum Guests vm vm.balloon_cur))'], '[419430 2097152]'],
    ['the history before it', ['(Host.StatDelta "ksm_pages_sharing")'], '2000'],
    ['the time of the interval', ['--at', '+11s', '(Host.StatDelta "ksm_pages_sharing")'], '1000'],
    ['properties', ['(map Guests vm (vm.Prop "name"))'], '["web-1" "db-1"]'],
    ['a guest by its name', ['--guest', 'web-1', '(list vm vm.balloon_cur)'], '[guest web-1 1048576]'],
    ['a guest by its uuid', ['--guest', uuidOf(2), '-e', 'vm'], 'guest db-1'],
    ['literals in the unit of the field', ['(< Host.ksm_sleep_millisecs 1s)'], 'true'],
  ])('has %s', async (_what, args, shown) => {
    const at = args.includes('--at') ? [] : ['--at', 'last'];
    expect(await evaluated(['--recording', small, ...at, ...args])).toEqual({ code: 0, out: `${shown}\n`, err: '' });
  });

  it('has the intervals without an evaluation too', async () => {
    const quiet = join(folder, 'quiet.jsonl');
    const lines = (await readFile(small, 'utf8')).trimEnd().split('\n');
    lines.push(lines.pop()!.replace(/,"policy":.*/, '}'));
    await writeFile(quiet, `${lines.join('\n')}\n`);
    const { out } = await evaluated(['--recording', quiet, '--at', 'last', '(Host.StatDelta "ksm_pages_sharing")']);
    expect(out).toBe('2000\n');
  });

  it('has the functions, parameters, variables and timers of a policy, replayed up to the time', async () => {
    const with2nd = ['--recording', small, '--at', '+11s', '--policy', counting];
    expect(await evaluated([...with2nd, '-e', '(list (seen) step)'])).toEqual({ code: 0, out: '[2 0.02]\n', err: '' });
    expect((await evaluated([...with2nd, '--param', 'step=7%', '-e', 'step'])).out).toBe('0.07\n');
  });

  it('says that there are no variables without a policy', async () => {
    expect(await evaluated(['--recording', small, '--at', 'last', '(Host.GetVar "seen")'])).toEqual({
      code: 0,
      out: 'nil\n',
      err: 'note: without a policy there are no variables; --policy FILE replays it up to that time\n',
    });
  });

  it('shows errors of the policy once, and not as those of an expression', async () => {
    const broken = join(folder, 'broken.policy');
    await writeFile(broken, '(+ 1 (Host.GetVar "nothing"))\n');
    const { code, out, err } = await evaluated(
      ['--recording', small, '--at', 'last', '--policy', broken],
      '(+ 1 2)\n(+ 1 3)\n',
    );
    expect({ code, out }).toEqual({ code: 0, out: '3\n4\n' });
    expect(err.match(/error: /g)).toHaveLength(1);
  });

  it('reads the recording again for an entry that looks further back', async () => {
    const typed = '(vm.StatMin "balloon_cur")\n(vm.StatMin "balloon_cur" :over 15min)\n';
    const { out } = await evaluated(['--recording', DEMO, '--at', 'last', '--guest', 'db-1'], typed);
    const [recent, all] = out.trimEnd().split('\n').map(Number);
    expect(all).toBeLessThan(recent!);
  });

  it('begins a prompt in a terminal with what it evaluates', async () => {
    const io = capturedIo();
    const terminal = {
      ...io,
      stdin: Object.assign(Readable.from(['vm\n']), { isTTY: true as const, setRawMode: () => {} }),
      stdout: Object.assign(io.stdout, { isTTY: true as const }),
    };
    const daemon = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
    await buildProgram(terminal, daemon)(['eval', '--recording', small, '--at', '+1s', '--guest', 'db-1']);
    expect(io.stdout.text).toContain(
      '2026-01-02T03:04:05.250Z, the last interval at or before +1s: the host and 2 guests; vm is db-1; no policy, so no variables and timers\n',
    );
    expect(io.stdout.text).toContain('guest db-1\n');
  });

  it('reads a recording that is cut off up to its last whole interval', async () => {
    const cut = join(folder, 'cut.jsonl');
    await recordSmall(cut);
    await truncate(cut, (await stat(cut)).size - 10);
    const { code, out, err } = await evaluated([
      '--recording',
      cut,
      '--at',
      'last',
      '(Host.StatDelta "ksm_pages_sharing")',
    ]);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: '1000\n',
      err: `warning: ${cut}:4: the last line is incomplete and ignored\n`,
    });
  });

  it('finds the time in the directory of a rotated recording', async () => {
    const rotated = await mkdtemp(join(folder, 'rotated-'));
    await recordSmall(join(rotated, 'day.20260102T030430000Z.jsonl'), { free: 0.5 });
    await recordSmall(join(rotated, 'day.jsonl'), { fromMs: Date.parse(RECORDED_FROM) + 60_000 });
    const at = async (time: string) =>
      (await evaluated(['--recording', rotated, '--at', time, '(+ Host.mem_free 0)'])).out;
    expect([await at('03:04:16Z'), await at('03:05:16Z')]).toEqual(['2097152\n', '419430\n']);
  });

  const from = '2026-01-02T03:04:05.250Z';
  const to = '2026-01-02T03:04:25.250Z';
  it.each<[string, readonly string[], string]>([
    ['no time', ['--recording', 'SMALL'], '--recording needs a time in it: --at TIME, such as --at last'],
    ['no recording', ['--at', 'last'], '--at is only for a recording: add --recording FILE --at TIME'],
    ['a policy without a recording', ['-p', 'a'], '--policy is only for a recording: add --recording FILE --at TIME'],
    [
      'cases',
      ['--recording', 'SMALL', '--at', 'last', '--cases', 'x'],
      'the cases of --cases have their own statistics: leave out --recording',
    ],
    ['a file that is missing', ['--recording', '/nowhere', '--at', 'last'], '/nowhere: there is no such file'],
    [
      'a file that is no recording',
      ['--recording', BALLOON, '--at', 'last'],
      `${BALLOON}:1: this is not a recording: the first line should be a JSON object with "ballast_recording"`,
    ],
    [
      'a time before the recording',
      ['--recording', 'SMALL', '--at', '2026-01-01'],
      `nothing was recorded at 2026-01-01T00:00:00.000Z or just before: the recording has host statistics from ${from} to ${to}`,
    ],
    [
      'a time after it',
      ['--recording', 'SMALL', '--at', '+1h'],
      `nothing was recorded at 2026-01-02T04:04:05.250Z or just before: the recording has host statistics from ${from} to ${to}; --at last is the last interval`,
    ],
    [
      'a guest that is not there',
      ['--recording', 'SMALL', '--at', 'last', '--guest', 'web-l'],
      `there is no guest web-l at ${to}; did you mean web-1?; there are db-1, web-1`,
    ],
  ])('%s is an error', async (_what, args, message) => {
    const given = args.map((each) => (each === 'SMALL' ? small : each));
    expect(await evaluated(given)).toEqual({ code: 2, out: '', err: `${message}\n` });
  });

  it('has nil for fields that older recordings lack', async () => {
    const args = ['--recording', small, '--at', 'last', '(list Host.numa_nodes (map Guests vm vm.numa_node))'];
    expect(await evaluated(args)).toEqual({ code: 0, out: '[nil [nil nil]]\n', err: '' });
  });

  it('says how vm becomes a guest', async () => {
    const { code, err } = await evaluated(['--recording', small, '--at', 'last', '-e', 'vm.mem_unused']);
    expect(code).toBe(1);
    expect(err).toContain('hint: --guest NAME makes vm a guest of the recording\n');
  });

  it('names a field that the recording lacks', async () => {
    const { code, err } = await evaluated(['--recording', small, '--at', 'last', '(+ Host.swap_usage 0)']);
    expect(code).toBe(1);
    expect(err).toContain('hint: the recording does not have this field\n');
    expect((await evaluated(['--recording', small, '--at', 'last', '(+ Host.swap_usag 0)'])).err).toContain(
      'did you mean "swap_usage"?',
    );
  });
});
