import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BALLAST, CHECKOUT_BALLAST, runBallast } from '../../support/ballast.ts';
import { start } from '../../support/process.ts';
import { recordSmall } from '../../support/recordings.ts';

const ROOT = join(import.meta.dirname, '../../..');
const POLICY = join(ROOT, 'policies/mom-balloon.policy');

let folder: string;
let longRecording: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-command-'));
  longRecording = join(folder, 'long.jsonl');
  // More output than fits into a pipe.
  await recordSmall(longRecording, { intervals: 2000 });
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command line in a shell, for pipes and redirections. */
function shell(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, BALLAST, POLICY, LONG: longRecording };
    execFile('bash', ['-c', line], { env, cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the command', () => {
  it('runs from a checkout in any directory, even one with its own tsconfig.json', async () => {
    await writeFile(
      join(folder, 'tsconfig.json'),
      '{"compilerOptions": {"baseUrl": ".", "paths": {"*": ["./nothing/*"]}}}',
    );
    expect(await runBallast(['--version'], { cwd: folder, command: CHECKOUT_BALLAST })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      stderr: '',
    });
  });

  it('reads a policy from a pipe, up to the size limit', async () => {
    const policy = 'echo "(+ 1 2)"';
    for (const [line, stdout] of [
      [`"$BALLAST" check <(${policy})`, '1 file: no mistakes found\n'],
      [`${policy} | "$BALLAST" check /dev/stdin`, '1 file: no mistakes found\n'],
      [`"$BALLAST" eval <(sleep 0.05; ${policy})`, '3\n'],
      [`"$BALLAST" params --policy <(echo '(param share 25%)')`, expect.stringContaining('share')],
      [`"$BALLAST" replay "$LONG" --quiet --policy <(${policy})`, expect.stringContaining('intervals            2000')],
      [`"$BALLAST" explain "$LONG" --at +1min --policy <(${policy})`, expect.any(String)],
    ] as const)
      expect({ line, ...(await shell(line)) }).toEqual({ line, code: 0, stdout, stderr: '' });
    const endless = await shell('"$BALLAST" check /dev/stdin < /dev/zero');
    expect(endless).toMatchObject({ code: 1, stdout: expect.stringContaining('/dev/stdin:1:1: error: ') as string });
  });

  it('refuses a named pipe and a device at once, and does not format a pipe', async () => {
    const refusal = expect.stringContaining('it is a pipe or a device; expected a regular file') as string;
    for (const line of [
      'mkdir piped && mkfifo piped/a.policy && "$BALLAST" check piped',
      '"$BALLAST" check piped/a.policy',
      '"$BALLAST" replay "$LONG" --policy piped/a.policy',
      '"$BALLAST" check /dev/zero',
      `echo "policy_dir: $PWD/piped" > piped.yaml && "$BALLAST" params --config piped.yaml`,
      '"$BALLAST" fmt <(echo 1)',
    ])
      expect({ line, ...(await shell(line)) }).toMatchObject({ line, code: 2, stderr: refusal });
  });

  it('exits with 0 if a check finds no errors, otherwise with 1 and shows line, caret and hint', async () => {
    expect(await runBallast(['check', POLICY])).toMatchObject({
      code: 0,
      stdout: '1 file: no mistakes found',
      stderr: '',
    });
    await writeFile(join(folder, 'wrong.policy'), '(with Guests vm\n  (vm.Control "balloon_target" vm.balloon_kur))\n');
    const { code, stdout } = await runBallast(['check', 'wrong.policy'], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^wrong\.policy:2:\d+: error: /);
    expect(stdout).toContain('balloon_kur');
    expect(stdout).toContain('did you mean "balloon_cur"?');
    expect(stdout).toContain('^~');
  });

  it('prints JSON for check --json', async () => {
    await writeFile(join(folder, 'wrong.policy'), '(+ 1 2\n');
    const { code, stdout } = await runBallast(['check', '--json', 'wrong.policy'], { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ file: 'wrong.policy', line: 1, severity: 'error' })]);
  });

  it('evaluates an expression, a file and standard input', async () => {
    expect(await runBallast(['eval', '-e', '(+ 1 2)'])).toMatchObject({ code: 0, stdout: '3' });
    await writeFile(join(folder, 'six.policy'), '(* 2 3)');
    expect(await runBallast(['eval', 'six.policy'], { cwd: folder })).toMatchObject({ code: 0, stdout: '6' });
    expect(await shell(`echo '(* 3 3)' | "$BALLAST" eval`)).toMatchObject({ code: 0, stdout: '9\n' });
    expect(await shell(`echo '{"policy": "(* 4 4)"}' | "$BALLAST" eval --cases -`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"results":[16]') as string,
    });
  });
});

describe('output that cannot be written', () => {
  it('a replay ends silently when the reader closes the pipe', async () => {
    const { stdout, stderr } = await shell(
      '"$BALLAST" replay "$LONG" --policy "$POLICY" --log-format mom | head -n 1; echo "code ${PIPESTATUS[0]}"',
    );
    expect(stdout).toMatch(/^.* - Ballooning guest:web-1 from 1048576 to 996147\ncode 0\n$/);
    expect(stderr).toBe('');
  });

  it('a full disk is reported in one line, not as an internal error', async () => {
    for (const command of [
      'check "$POLICY"',
      'replay "$LONG" --policy "$POLICY"',
      'replay "$LONG" --policy "$POLICY" --json',
    ]) {
      const { code, stderr } = await shell(`"$BALLAST" ${command} > /dev/full`);
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'standard output cannot be written: the disk is full\n' });
    }
  });

  it('a closed standard error does not stop a replay', async () => {
    expect((await shell('"$BALLAST" replay "$LONG" --policy "$POLICY" --quiet 2>&-')).stdout).toMatch(/^web-1 /m);
  });
});

describe('on a terminal', () => {
  it('a replay shows its progress and colours its lines', async () => {
    // script runs the command in a pseudo-terminal.
    const { code, stdout } = await shell(
      `script --quiet --return --command '"$BALLAST" replay "$LONG" --policy "$POLICY" --log-format pretty' /dev/null < /dev/null`,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/replayed \d+ %/);
    expect(stdout).toMatch(/\u001b\[3\dm/);
  });
});

describe('an internal error', () => {
  it('prints the stack and exits with 3', async () => {
    const control = `{ name: 'bug', scope: 'host', type: 'number', unit: 'none', min: 0, doc: 'a bug', source: 'a test' }`;
    await writeFile(
      join(folder, 'broken.mjs'),
      `export default { name: 'broken', controls: [${control}], plan: () => { throw new TypeError('a bug'); }, describe: () => '', create: () => ({}) };\n`,
    );
    await writeFile(join(folder, 'bug.policy'), '(Host.Control "bug" 1)\n');
    await writeFile(join(folder, 'broken.yaml'), 'policy: bug.policy\nplugins: [broken.mjs]\n');
    const { code, stdout, stderr } = await runBallast([
      'replay',
      longRecording,
      '--config',
      join(folder, 'broken.yaml'),
    ]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^ballast: internal error, please report it: TypeError: a bug\n +at .*broken\.mjs/);
  });

  it('is also reported outside of a command', async () => {
    // Throws as soon as the program is loaded.
    const late =
      'const timer = setInterval(() => { if (process.listenerCount("SIGHUP") > 0) { clearInterval(timer); throw new TypeError("late"); } });\n';
    await writeFile(join(folder, 'late.mjs'), late);
    const running = start(process.execPath, ['--import', join(folder, 'late.mjs'), BALLAST, 'eval'], { stdin: 'pipe' });
    expect((await running.exit).code).toBe(3);
    expect(running.stderr[0]).toBe('ballast: internal error, please report it: TypeError: late');
    expect(running.stderr[1]).toMatch(/^ +at .*late\.mjs/);
  });
});
