import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';

async function ballast(...args: string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true })(
    args,
  );
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  run: ['--config', '--policy', '--once', '--dry-run', '--log-level', '--log-format'],
  record: ['--config', '--log-level', '--log-format'],
  replay: ['--config', '--policy', '--policy-interval', '--json', '--quiet', '--log-format'],
  check: ['--config', '--json'],
  fmt: ['--check', '--diff'],
  test: ['--config', '--filter', '--coverage', '--min-coverage', '--junit', '--json', '--schema'],
  eval: ['--expression', '--cases'],
};

describe('check', () => {
  it('takes the policies of a directory, as one program', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ballast-check-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    expect(await ballast('check', folder)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${folder} has no *.policy or *.rules file\n`,
    });
    await writeFile(join(folder, 'a.policy'), '(defvar share 0.2)\n');
    await writeFile(join(folder, 'b.rules'), '(if (< share 0.1) 1 2)\n');
    await writeFile(join(folder, 'notes.txt'), 'no policy');
    expect(await ballast('check', folder)).toEqual({ code: 0, stdout: '2 files: no mistakes found\n', stderr: '' });
    expect((await ballast('check', '--help')).stdout).toContain('or directories (their *.policy and *.rules');
  });
});

describe('help', () => {
  it('of the program names every command and the exit codes', async () => {
    const { code, stdout, stderr } = await ballast('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of Object.keys(OPTIONS)) expect(stdout).toMatch(new RegExp(`^  ${command} .*\\w`, 'm'));
    expect(stdout).toContain('Exit codes: 0 done;');
  });

  it.each(Object.entries(OPTIONS))('of %s explains its options, and no others', async (command, options) => {
    const { code, stdout } = await ballast(command, '--help');
    expect(code).toBe(0);
    const explained = [...stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)(?: <\w+>)? {2,}\S/gm)].map(([, option]) => option);
    expect(explained).toEqual([...options, '--help']);
  });

  it('of replay says what a replay is not', async () => {
    expect((await ballast('replay', '--help')).stdout).toContain('without the consequences of its decisions');
  });

  it('of test prints the schema of test files, which needs no file', async () => {
    const { code, stdout } = await ballast('test', '--schema');
    expect({ code, title: (JSON.parse(stdout) as { title: string }).title }).toEqual({
      code: 0,
      title: 'A policy test of Ballast',
    });
    expect(await ballast('test')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining("missing required argument 'file'"),
    });
    expect(await ballast('test', 'x', '--min-coverage', '101')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('write a percentage from 0 to 100'),
    });
  });

  it('without a command goes to standard error', async () => {
    const { code, stdout, stderr } = await ballast();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: ballast/);
  });
});

describe('the version', () => {
  it.each(['--version', '-V'])('%s', async (option) => {
    expect(await ballast(option)).toEqual({ code: 0, stdout: '0.1.0 (checkout)\n', stderr: '' });
  });
});

describe('arguments that are wrong', () => {
  it.each([
    [['frobnicate'], "error: unknown command 'frobnicate'"],
    [['rum'], 'Did you mean run?'],
    [['--vers'], 'Did you mean --version?'],
    [['run', 'extra'], "error: too many arguments for 'run'"],
    [['run', '--dry-rum'], 'Did you mean --dry-run?'],
    [['run', '--config'], "error: option '-c, --config <file>' argument missing"],
    [['run', '--log-format', 'xml'], 'Allowed choices are json, pretty, mom.'],
    [['run', '--log-level', 'loud'], 'Allowed choices are debug, info, warn, error.'],
    [['record'], "error: missing required argument 'file'"],
    [['record', 'a.jsonl', '--policy', 'x'], "error: unknown option '--policy'"],
    [['replay'], "error: missing required argument 'file'"],
    [['replay', 'a.jsonl', '--policy-interval', '5'], '5 has no unit; write 5ms, 5s, 5min or 5h'],
    [['replay', 'a.jsonl', '--policy-interval', '0s'], 'an interval is longer than nothing'],
    [['check'], "error: missing required argument 'path'"],
    [['eval', 'a', 'b'], "error: too many arguments for 'eval'"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await ballast(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('(see --help)');
  });

  it.each([
    [['run'], 'no policy is named: write "policy: FILE" into the config, or give --policy FILE'],
    [['run', '--config', 'nowhere.yaml'], 'nowhere.yaml: there is no such file or directory'],
    [['run', '--policy', 'nowhere.policy'], 'the policy nowhere.policy cannot be read: there is no such file'],
    [['record', 'a.jsonl', '--config', 'nowhere.yaml'], 'nowhere.yaml: there is no such file or directory'],
    [
      ['replay', 'a.jsonl'],
      'no policy is named, and a recording holds none: give --policy FILE, or --config FILE with a policy in it',
    ],
    [
      ['replay', 'a.jsonl', '--policy', 'nowhere.policy'],
      'the policy nowhere.policy cannot be read: there is no such file',
    ],
    [['check', 'nowhere.policy'], 'nowhere.policy cannot be read: there is no such file'],
    [['check', 'a.policy', '--config', 'nowhere.yaml'], 'nowhere.yaml: there is no such file or directory'],
    [['eval', 'nowhere.policy'], 'nowhere.policy cannot be read: there is no such file'],
    [['eval', 'a.policy', '-e', '1'], 'eval takes one of: a file, -e EXPRESSION, --cases FILE'],
  ])('%j: one message and nothing done', async (args, message) => {
    const { code, stdout, stderr } = await ballast(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});
