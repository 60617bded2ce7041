import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editParametersFile } from '../../../src/cli/handlers/params-edit.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { loadHostSetup } from '../../../src/compose/setup.ts';
import { directoriesOf } from '../../../src/config/directories.ts';
import { capturedIo } from '../../support/captured-io.ts';

const POLICY = `# Settings
(param share 20% "host free memory below this is pressure" :min 1% :max 90%)
(param room 512MiB)
(param mode "gentle")
`;

let folder: string;
let file: (name: string) => string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-params-'));
  file = (name) => join(folder, name);
  await writeFile(file('p.policy'), POLICY);
});
afterEach(() => rm(folder, { recursive: true }));

async function ballast(...args: readonly string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true })(
    args,
  );
  return {
    code,
    stdout: io.stdout.text.replaceAll(`${folder}/`, ''),
    stderr: io.stderr.text.replaceAll(`${folder}/`, ''),
  };
}

async function config(...lines: readonly string[]): Promise<string> {
  await writeFile(
    file('ballast.yaml'),
    ['policy:', '  files: p.policy', ...lines.map((line) => `  ${line}`), ''].join('\n'),
  );
  return file('ballast.yaml');
}

describe('ballast params', () => {
  it('lists the parameters that the policies declare', async () => {
    expect(await ballast('params', '--policy', file('p.policy'))).toEqual({
      code: 0,
      stderr: '',
      stdout: `parameter  value     default   range      from
share      20%       20%       1% to 90%  p.policy:2
room       512MiB    512MiB               p.policy:3
mode       "gentle"  "gentle"             p.policy:4

share: host free memory below this is pressure
`,
    });
  });

  it('lists the values and their sources, the parameters file before the config', async () => {
    await writeFile(file('set.yaml'), '# tonight\nshare: 30%\n');
    const { stdout } = await ballast(
      'params',
      '-c',
      await config(
        'parameters: {mode: fast, share: {value: 25%, labels: {db: 40%}, guests: {"web-*": 10%}}}',
        'parameters_file: set.yaml',
      ),
    );
    expect(stdout.split('\n\n')[0]).toBe(`parameter       value   default   range      from
share           30%     20%       1% to 90%  set.yaml:2
  guests web-*  10%                          ballast.yaml:3
  label db      40%                          ballast.yaml:3
room            512MiB  512MiB               p.policy:3
mode            "fast"  "gentle"             ballast.yaml:3`);
  });

  it('lists what a daemon keeps in its state directory, when none runs', async () => {
    const path = await config('parameters: {share: 25%}');
    await writeFile(path, `${await readFile(path, 'utf8')}runtime_dir: run\nstate_dir: state\n`);
    const { parameters } = directoriesOf((await loadHostSetup(path)).config, undefined);
    await mkdir(file('state'));
    await writeFile(parameters, 'share: {value: 35%, guests: {"web-*": 15%}}\n');
    const { code, stdout, stderr } = await ballast('params', '-c', path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^share {11}35% .* state\/parameters-\w+\.yaml:1$/m);
    expect(stdout).toMatch(/^ {2}guests web-\* {2}15% .* state\/parameters-\w+\.yaml:1$/m);
    await writeFile(parameters, 'share: 350%\n');
    const damaged = await ballast('params', '-c', path);
    expect(damaged.stdout).toMatch(/^share +25% .* ballast\.yaml:3$/m);
    expect(damaged.stderr).toMatch(/^warning: What was set through control\.sock is not in effect/);
  });

  it('lists the texts that a text can have, and refuses others', async () => {
    await writeFile(file('p.policy'), '(param mode "soft" "how much at once" :one-of ("soft" "hard"))');
    const { stdout } = await ballast('params', '--policy', file('p.policy'));
    expect(stdout).toMatch(/^mode +"soft" +"soft" +"soft", "hard" +p\.policy:1$/m);
    const json = JSON.parse((await ballast('params', '--json', '--policy', file('p.policy'))).stdout) as unknown;
    expect(json).toMatchObject([{ name: 'mode', one_of: ['soft', 'hard'] }]);
    expect(await ballast('params', '-c', await config('parameters: {mode: hart}'))).toMatchObject({
      stderr: 'ballast.yaml:3:22: mode: "hart" is not a value of it; did you mean "hard"?; it is "soft", "hard"\n',
    });
  });

  it('--json prints all of this as JSON', async () => {
    const { stdout } = await ballast(
      'params',
      '--json',
      '-c',
      await config('parameters: {share: {labels: {db: 40%}}}'),
    );
    expect((JSON.parse(stdout) as unknown[])[0]).toEqual({
      name: 'share',
      value: '20%',
      default: '20%',
      unit: '%',
      min: '1%',
      max: '90%',
      one_of: null,
      doc: 'host free memory below this is pressure',
      from: 'p.policy:2',
      declared: 'p.policy:2',
      overrides: [{ label: 'db', value: '40%', from: 'ballast.yaml:3' }],
    });
  });

  it('counts a policy once that is given twice', async () => {
    expect(await ballast('check', file('p.policy'), `${folder}/./p.policy`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 file: ') as string,
    });
    expect(await ballast('params', '-p', file('p.policy'), '-p', file('p.policy'))).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('reports a defvar that fixes a parameter', async () => {
    await writeFile(file('01-parameters.policy'), '(defvar share 0.5)');
    const { stdout, stderr } = await ballast('params', '-p', file('01-parameters.policy'), '-p', file('p.policy'));
    expect(stdout).toMatch(/^share +fixed by a defvar +20% +1% to 90% +01-parameters\.policy:1$/m);
    expect(stderr).toContain('p.policy:2:8: warning: "share" is already set by the defvar in 01-parameters.policy:1:1');
  });

  it('reports all errors with their positions', async () => {
    await writeFile(file('set.yaml'), 'share: 25\n');
    const { code, stdout, stderr } = await ballast(
      'params',
      '-c',
      await config('parameters: {shar: 1, room: {labels: {db: 30s}}}', 'parameters_file: set.yaml'),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'ballast.yaml:3:16: unknown parameter "shar"; did you mean "share"?',
      'ballast.yaml:3:45: room for label db: 30s is not the same kind of value as the default, 512MiB; write it like the default: 512MiB',
      'set.yaml:1:8: share: 25 is outside the range: 1% to 90%; write 25%',
      '',
    ]);
  });

  it('reports how a plain number was read where the default has another unit', async () => {
    await writeFile(file('set.yaml'), 'room: {guests: {web: 600}}\n');
    const path = await config('parameters: {room: {value: 5, labels: {db: 512MiB}}}', 'parameters_file: set.yaml');
    const listed = await ballast('params', '-c', path);
    expect([listed.code, listed.stderr]).toEqual([
      0,
      [
        'ballast.yaml:3:30: room: 5 is taken as 5 KiB; write 5KiB or 5MiB',
        'set.yaml:1:22: room for guests web: 600 is taken as 600 KiB; write 600KiB or 600MiB',
        '',
      ].join('\n'),
    ]);
    const set = await ballast('params', 'set', 'room', '7', '-c', path);
    expect([set.code, set.stderr]).toEqual([0, 'warning: room: 7 is taken as 7 KiB; write 7KiB or 7MiB\n']);
  });

  it('omits values that the given policies do not declare', async () => {
    await writeFile(file('other.policy'), '(param room 1GiB)');
    const { code, stdout, stderr } = await ballast(
      'params',
      '-c',
      await config('parameters: {share: 25%, room: 2GiB}'),
      '-p',
      file('other.policy'),
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'ballast.yaml:3:16: unknown parameter "share"; the policies declare room (left out)\n',
    });
    expect(stdout).toMatch(/^room +2GiB +1GiB +ballast\.yaml:3$/m);
  });

  it.each([
    [['params'], 'no policy given'],
    [['run', '--param', 'share'], 'expected NAME=VALUE'],
    [['run', '--policy', 'p.policy', '--param', 'share=95%'], '--param share: 95% is outside the range: 1% to 90%'],
  ])('%j is a usage error', async (args, message) => {
    const { code, stderr } = await ballast(...args.map((arg) => (arg === 'p.policy' ? file(arg) : arg)));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('ballast params set and unset', () => {
  const set = async (...args: readonly string[]) =>
    ballast('params', 'set', ...args, '-c', await config('parameters: {room: 1GiB}', 'parameters_file: set.yaml'));
  const unset = async (...args: readonly string[]) =>
    ballast('params', 'unset', ...args, '-c', await config('parameters: {room: 1GiB}', 'parameters_file: set.yaml'));
  const content = () => readFile(file('set.yaml'), 'utf8');
  const TAKEN_OVER = '(set.yaml); a running daemon applies it at its next evaluation\n';

  it('write the parameters file and report what changes', async () => {
    expect(await set('share', '25%')).toEqual({ code: 0, stderr: '', stdout: `share from 20% to 25% ${TAKEN_OVER}` });
    expect((await set('share', '40%', '--label', 'db')).stdout).toBe(`share for label db set to 40% ${TAKEN_OVER}`);
    expect((await set('share', '10%', '--guest', 'web-*')).stdout).toBe(
      `share for guests web-* set to 10% ${TAKEN_OVER}`,
    );
    expect((await set('room', '2GiB')).stdout).toBe(`room from 1GiB to 2GiB ${TAKEN_OVER}`);
    expect((await set('room', '2048MiB')).stdout).toBe(
      'room is written (set.yaml); the value in effect does not change\n',
    );
    expect((await set('room', '2048MiB')).stdout).toBe('room already has this value (set.yaml); nothing was written\n');
    expect((await set('mode', '7')).stdout).toBe(`mode from "gentle" to "7" ${TAKEN_OVER}`);
    expect(await content()).toMatch(
      /^# Values for .*\n.*\n\nshare:\n {2}value: 25%\n {2}labels:\n {4}db: 40%\n {2}guests:\n {4}web-\*: 10%\nroom: 2048MiB\nmode: "7"\n$/,
    );
    expect((await unset('room')).stdout).toBe(`room from 2048MiB to 1GiB ${TAKEN_OVER}`);
    expect((await unset('share', '--label', 'db')).stdout).toBe(
      `share for label db no longer set, was 40% ${TAKEN_OVER}`,
    );
    expect((await ballast('params', '-c', file('ballast.yaml'))).stdout).toMatch(
      /^share +25% .*set\.yaml:\d+\n {2}guests web-\* +10% +set\.yaml:\d+\nroom +1GiB /m,
    );
    expect((await readdir(folder)).sort()).toEqual(['ballast.yaml', 'p.policy', 'set.yaml']);
  });

  it.each([
    [['room', '-5MiB']],
    [['room', '--', '-5MiB']],
    [['room', '-5MiB', '--label', 'db']],
    [['--label', 'db', 'room', '--', '-5MiB']],
    [['room', '-.5GiB']],
  ])('set %j accepts a negative value', async (args) => {
    await writeFile(file('p.policy'), '(param room 512MiB)\n');
    const value = args.find((arg) => arg.startsWith('-5') || arg.startsWith('-.5'));
    expect(await set(...args)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(new RegExp(`^room .*to ${value}`)) as string,
    });
    const last = await ballast('params', 'set', '-c', file('ballast.yaml'), '--', 'room', '-6MiB');
    expect(last).toMatchObject({ code: 0, stdout: expect.stringContaining('to -6MiB') as string });
  });

  it.each([
    [['share', '25'], 'share: 25 is outside the range: 1% to 90%; write 25%'],
    [
      ['share', '30s', '--label', 'db'],
      'share for label db: 30s is not the same kind of value as the default, 20%; write it like the default: 20%',
    ],
    [['shar', '25%'], 'shar: unknown parameter "shar"; did you mean "share"?'],
    [['share', '25%', '--label', 'a b'], 'a label is a letter or digit'],
    [['share', '25%', '--guest', ''], 'a name pattern of at most 256 characters'],
    [['share', '25%', '--guest', 'a', '--label', 'b'], 'cannot be used with'],
  ])('set %j is rejected', async (args, message) => {
    const { code, stdout, stderr } = await set(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(await readdir(folder)).not.toContain('set.yaml');
  });

  it('fail without a parameters file and explain how to configure one', async () => {
    const { code, stderr } = await ballast('params', 'set', 'share', '25%', '-c', await config());
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'no parameters file is configured: write "parameters_file: parameters.yaml" into ballast.yaml, under "policy:", and reload the daemon (SIGHUP) once\n',
    });
  });

  it('unset reports the source of a value that is not in the file', async () => {
    expect(await unset('room')).toMatchObject({
      code: 2,
      stderr: 'room is not set in set.yaml; it is set in ballast.yaml:3\n',
    });
    expect(await unset('share')).toMatchObject({ code: 2, stderr: 'share is not set in set.yaml\n' });
  });

  it('never overwrite an unreadable file, but repair one with invalid values', async () => {
    await writeFile(file('set.yaml'), 'share: [\n');
    expect(await set('share', '25%')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^set\.yaml:\d+:\d+: /) as string,
    });
    await writeFile(file('set.yaml'), 'gone: 5\nshare: 99%\n');
    const { code, stderr } = await set('share', '25%');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'set.yaml:1:1: unknown parameter "gone"; the policies declare share, room, mode\nnothing was changed: the daemon would reject the file\n',
    });
    expect(await content()).toBe('gone: 5\nshare: 99%\n');
    expect(await unset('gone')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'set.yaml:1:8: share: 99% is outside the range: 1% to 90%\ngone was removed; the daemon will reject the file until the problems above are fixed\n',
    });
    expect((await set('share', '25%')).code).toBe(0);
    expect(await content()).toBe('share: 25%\n');
  });

  it('reject a pipe, and text that they could not write back', async () => {
    await writeFile(file('set.yaml'), new Uint8Array([0x23, 0x20, 0xe4, 0x0a]));
    expect(await set('share', '25%')).toMatchObject({
      code: 2,
      stderr: 'set.yaml: is not UTF-8 text; a parameters file is YAML in UTF-8\n',
    });
    await rm(file('set.yaml'));
    execFileSync('mkfifo', [file('set.yaml')]);
    for (const change of [set('share', '25%'), unset('share')]) {
      expect(await change).toMatchObject({
        code: 2,
        stderr: 'set.yaml: is a pipe or a device; expected a regular file\n',
      });
    }
  });

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
  ])('report why the file cannot be written: %s', async (errorCode, reason) => {
    const io = capturedIo();
    const options = {
      config: await config('parameters_file: set.yaml'),
      change: { name: 'share', given: '25%', target: { kind: 'all' as const } },
    };
    const code = await editParametersFile(options, io, () =>
      Promise.reject(Object.assign(new Error(`${errorCode}: raw`), { code: errorCode })),
    );
    expect({ code, stdout: io.stdout.text, stderr: io.stderr.text }).toEqual({
      code: 2,
      stdout: '',
      stderr: `${file('set.yaml')} cannot be written and was not changed: ${reason}\n`,
    });
  });

  it('keep the mode of the file and a link to it', async () => {
    await writeFile(file('real.yaml'), 'share: 30%\n');
    await chmod(file('real.yaml'), 0o640);
    await symlink('real.yaml', file('set.yaml'));
    expect((await set('share', '25%')).code).toBe(0);
    expect(await readFile(file('real.yaml'), 'utf8')).toBe('share: 25%\n');
    expect((await stat(file('real.yaml'))).mode & 0o777).toBe(0o640);
  });

  it('leave a complete file when several run at once', async () => {
    await set('share', '25%');
    const shares = Array.from({ length: 8 }, (_, n) => `${n + 10}%`);
    let done = false;
    const writers = Promise.all(shares.map((share) => set('share', share))).finally(() => {
      done = true;
    });
    const seen = new Set<string>();
    while (!done) {
      seen.add((await content()).replace(/^#.*\n/gm, ''));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await writers).map(({ code }) => code)).toEqual(shares.map(() => 0));
    for (const text of seen) expect(text).toMatch(/^\nshare: \d\d%\n$/);
    expect((await readdir(folder)).sort()).toEqual(['ballast.yaml', 'p.policy', 'set.yaml']);
  });
});

describe('a value for one guest', () => {
  it('is written with a warning if the policy reads the parameter for the host', async () => {
    await writeFile(file('p.policy'), '(param share 20%)\n(if (< 0.1 share) 1 2)\n');
    const args = ['params', 'set', 'share', '5%', '--guest', 'db-1', '-c', await config('parameters_file: set.yaml')];
    const { code, stdout, stderr } = await ballast(...args);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'warning: share for guests db-1: has no effect: the policy reads it outside of loops over guests (p.policy:2:12), where only the value for all applies; in the policy, read it inside of (with Guests …)\n',
    });
    expect(stdout).toContain('share for guests db-1');
  });

  it('is written without one if each guest sees it', async () => {
    await writeFile(file('p.policy'), '(param share 20%)\n(with Guests vm (if (< 0.1 share) 1 2))\n');
    const args = ['params', 'set', 'share', '5%', '--guest', 'db-1', '-c', await config('parameters_file: set.yaml')];
    expect(await ballast(...args)).toMatchObject({ code: 0, stderr: '' });
  });
});
