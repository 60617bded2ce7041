import type { Command } from 'commander';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildProgram, defineProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };

async function ballast(...args: string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS)(args);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** Every command and subcommand of commander: the full command line and the definition. */
function commandsBelow(command: Command, words: readonly string[] = []): [line: string, command: Command][] {
  return command.commands.flatMap((below): [string, Command][] => {
    const line = [...words, below.name()];
    return [[line.join(' '), below], ...commandsBelow(below, line)];
  });
}

const PROGRAM = defineProgram({ io: capturedIo(), signals: SIGNALS, action: () => async () => {} });
const COMMANDS = commandsBelow(PROGRAM);
/** Editors start the language server; eval is documented with the language. */
const NOT_IN_THE_LIST: ReadonlySet<string> = new Set(['lsp', 'eval']);
const HELP = join(import.meta.dirname, '../../fixtures/cli/help.txt');

describe('check', () => {
  it('checks the policies of a directory as one program', async () => {
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
    expect((await ballast('check', '--help')).stdout).toContain('directories with *.policy');
  });
});

describe('help', () => {
  it('matches its golden file for every command (npx vitest run test/unit/cli/program.test.ts -u writes the files)', async () => {
    let text = '';
    for (const words of ['', ...COMMANDS.map(([line]) => line)]) {
      const { code, stdout, stderr } = await ballast(...words.split(' ').filter(Boolean), '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      text += `$ ballast ${words && `${words} `}--help\n${stdout}\n`;
    }
    await expect(text).toMatchFileSnapshot(HELP);
  });

  it('fits into 80 columns', async () => {
    for (const words of ['', ...COMMANDS.map(([line]) => line)]) {
      const { stdout } = await ballast(...words.split(' ').filter(Boolean), '--help');
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it.each([
    [
      'stop',
      'error: there is no command stop; use "systemctl stop ballast"; "ballast pause all" stops all changes, and the daemon goes on watching\n',
    ],
    ['logs', 'error: there is no command logs; use "journalctl -u ballast -o cat"\n'],
    ['list', 'error: there is no command list; use "ballast guests"\n'],
  ])('names what does it for the unknown command %s', async (name, stderr) => {
    expect(await ballast(name)).toEqual({ code: 2, stdout: '', stderr });
    expect(PROGRAM.commands.map((command) => command.name())).not.toContain(name);
  });

  it('of the program lists every command and the exit codes', async () => {
    const { stdout } = await ballast('--help');
    for (const command of PROGRAM.commands) expect(stdout).toMatch(new RegExp(`^  ${command.name()} .*\\w`, 'm'));
    expect(stdout).toContain('Exit codes: 0 success;');
  });

  it.each(COMMANDS)(
    'of %s describes the command, its options and its arguments, and no others',
    async (line, command) => {
      const { stdout } = await ballast(...line.split(' '), '--help');
      expect(stdout).toMatch(new RegExp(`^Usage: ballast ${line} `));
      expect(command.description()).not.toBe('');
      const explained = [...stdout.matchAll(/^ {2}(-.+?) {2,}\S/gm)].map(([, flags]) => flags);
      expect(explained).toEqual([...command.options.map(({ flags }) => flags), '-h, --help']);
      const listed = /^Arguments:\n((?: .*\n)*)/m.exec(stdout)?.[1] ?? '';
      expect([...listed.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name)).toEqual(
        command.registeredArguments.map((argument) => argument.name()),
      );
    },
  );

  it('of test prints the schema of test files without a file', async () => {
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
      stderr: expect.stringContaining('expected a percentage from 0 to 100'),
    });
  });

  it('goes to standard error when no command is given', async () => {
    const { code, stdout, stderr } = await ballast();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: ballast/);
  });
});

describe('the documentation', async () => {
  const pages = (await readdir(join(ROOT, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const texts = await Promise.all(['README.md', ...pages].map((page) => readFile(join(ROOT, page), 'utf8')));

  it.each(COMMANDS)('mentions ballast %s', (line) => {
    const called = new RegExp(`\\bballast ${line}(?![\\w-])`);
    expect(texts.some((text) => called.test(text))).toBe(true);
  });

  it('lists every command of the program in README.md', () => {
    const listed = PROGRAM.commands.map((command) => command.name()).filter((name) => !NOT_IN_THE_LIST.has(name));
    for (const name of listed) expect(texts[0]).toMatch(new RegExp(`^(?:sudo )?ballast ${name} .*# \\w`, 'm'));
  });
});

describe('the version', () => {
  it.each(['--version', '-V'])('is printed by %s', async (option) => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    expect(await ballast(option)).toEqual({ code: 0, stdout: `${version} (checkout)\n`, stderr: '' });
  });
});

describe('invalid arguments', () => {
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
    [['replay', 'a.jsonl', '--policy-interval', '0s'], 'the interval must be greater than 0'],
    [['run', '--param', 'share'], 'expected NAME=VALUE'],
    [['params', 'set', 'share', '--config', 'a.yaml'], "error: missing required argument 'value'"],
    [['params', 'set', 'share', '25%'], "error: required option '-c, --config <file>' not specified"],
    [['explain', 'a.jsonl'], "error: required option '-a, --at <time>' not specified"],
    [['check'], "error: missing required argument 'path'"],
    [['eval', 'a', 'b'], "error: too many arguments for 'eval'"],
  ])('are reported: %j', async (args, message) => {
    const { code, stdout, stderr } = await ballast(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('(see --help)');
  });

  it.each([
    [['run'], 'no policy given: set "policy: FILE" in the config, or use --policy FILE'],
    [['run', '--config', 'nowhere.yaml'], 'nowhere.yaml: there is no such file or directory'],
    [['run', '--policy', 'nowhere.policy'], 'the policy nowhere.policy cannot be read: there is no such file'],
    [['record', 'a.jsonl', '--config', 'nowhere.yaml'], 'nowhere.yaml: there is no such file or directory'],
    [
      ['replay', 'a.jsonl'],
      'no policy given, and recordings contain none: use --policy FILE, or --config FILE with a policy in it',
    ],
    [
      ['replay', 'a.jsonl', '--policy', 'nowhere.policy'],
      'the policy nowhere.policy cannot be read: there is no such file',
    ],
    [['check', 'nowhere.policy'], 'nowhere.policy cannot be read: there is no such file'],
    [['check', 'a.policy', '--config', 'nowhere.yaml'], 'nowhere.yaml: there is no such file or directory'],
    [['eval', 'nowhere.policy'], 'nowhere.policy cannot be read: there is no such file'],
    [['eval', 'a.policy', '-e', '1'], 'eval accepts only one of: a file, -e EXPRESSION, --cases FILE'],
  ])('are reported once, and nothing runs: %j', async (args, message) => {
    const { code, stdout, stderr } = await ballast(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});
