import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatPolicies } from '../../../src/cli/handlers/fmt.ts';
import { exitCodeOf } from '../../../src/cli/support/exit-code-of.ts';
import { replaceFile } from '../../../src/support/replace-file.ts';
import { Captured, capturedIo } from '../../support/captured-io.ts';

const UNTIDY = '(defvar  a\n 1)   # one\r\n\n\n\n(if a 1\n2)';
const TIDY = '(defvar a 1)  # one\n\n(if a 1 2)\n';
const BROKEN = '(if a 1\n';

let folder: string;
const at = (name: string): string => join(folder, name);
const put = async (name: string, text: string | Uint8Array): Promise<string> => {
  await writeFile(at(name), text);
  return at(name);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-fmt-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Way {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly input?: string | Uint8Array;
  readonly terminal?: boolean;
  readonly replace?: typeof replaceFile;
}

async function fmt(
  paths: readonly string[],
  { check = false, diff = false, input = '', terminal = false, replace }: Way = {},
) {
  const io = { ...capturedIo(), stdin: Readable.from([Buffer.from(input)]), stdout: new Captured(terminal) };
  const code = await exitCodeOf(() => formatPolicies({ paths, check, diff }, io, replace), io);
  return {
    code,
    stdout: io.stdout.text.replaceAll(`${folder}/`, ''),
    stderr: io.stderr.text.replaceAll(`${folder}/`, ''),
  };
}

describe('ballast fmt', () => {
  it('rewrites and names files that are not formatted, and leaves the others unchanged', async () => {
    const [untidy, tidy] = [await put('a.policy', UNTIDY), await put('b.policy', TIDY)];
    const before = await stat(tidy);
    expect(await fmt([untidy, tidy])).toEqual({ code: 0, stdout: 'a.policy\n', stderr: '' });
    expect(await readFile(untidy, 'utf8')).toBe(TIDY);
    expect((await stat(tidy)).ino).toBe(before.ino);
    expect(await readdir(folder)).toEqual(['a.policy', 'b.policy']);
    expect(await fmt([untidy, tidy])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('keeps the file mode and follows links', async () => {
    const file = await put('real.policy', UNTIDY);
    await chmod(file, 0o664);
    await symlink('real.policy', at('link.policy'));
    expect(await fmt([at('link.policy')])).toMatchObject({ code: 0, stdout: 'link.policy\n' });
    expect((await lstat(at('link.policy'))).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(TIDY);
    expect((await stat(file)).mode & 0o7777).toBe(0o664);
  });

  it('--check writes nothing and reports by its exit code', async () => {
    const [untidy, tidy] = [await put('a.policy', UNTIDY), await put('b.policy', TIDY)];
    expect(await fmt([tidy, untidy], { check: true })).toEqual({ code: 1, stdout: 'a.policy\n', stderr: '' });
    expect(await fmt([tidy], { check: true })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(untidy, 'utf8')).toBe(UNTIDY);
  });

  it('--diff prints a patch and writes nothing; with --check the exit code reports it too', async () => {
    const file = await put('a.policy', '(defvar  a 1)\n(defvar b 2)\n');
    const patch =
      '--- a.policy\n+++ a.policy\tformatted\n@@ -1,2 +1,2 @@\n-(defvar  a 1)\n+(defvar a 1)\n (defvar b 2)\n';
    expect(await fmt([file], { diff: true })).toEqual({ code: 0, stdout: patch, stderr: '' });
    expect(await fmt([file], { diff: true, check: true })).toEqual({ code: 1, stdout: patch, stderr: '' });
    expect((await fmt([file], { diff: true, terminal: true })).stdout).toContain(
      '\u001b[32m+(defvar a 1)\u001b[0m\n (defvar b 2)\n',
    );
    expect(await readFile(file, 'utf8')).toBe('(defvar  a 1)\n(defvar b 2)\n');
  });

  it('- reads standard input and writes standard output', async () => {
    expect(await fmt(['-'], { input: UNTIDY })).toEqual({ code: 0, stdout: TIDY, stderr: '' });
    expect(await fmt(['-'], { input: TIDY })).toEqual({ code: 0, stdout: TIDY, stderr: '' });
    expect(await fmt(['-'], { input: UNTIDY, check: true })).toEqual({
      code: 1,
      stdout: 'standard input\n',
      stderr: '',
    });
    expect((await fmt(['-'], { input: UNTIDY, diff: true })).stdout).toContain('+++ standard input');
    expect(await fmt(['-'], { input: BROKEN })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('standard input:1:1: error: this ( is never closed') as string,
    });
    expect(await fmt(['-', 'a.policy'])).toEqual({
      code: 2,
      stdout: '',
      stderr: '- (standard input) cannot be combined with other paths\n',
    });
  });

  it('leaves a file with errors unchanged, reports the errors and continues', async () => {
    const [broken, untidy] = [await put('a.policy', BROKEN), await put('b.policy', UNTIDY)];
    const { code, stdout, stderr } = await fmt([broken, untidy]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'b.policy\n' });
    expect(stderr).toMatch(/^a\.policy:1:1: error: this \( is never closed\n/);
    expect(await readFile(broken, 'utf8')).toBe(BROKEN);
  });

  it('formats the policies of a directory, each file once', async () => {
    for (const name of ['b.rules', 'a.policy', 'notes.txt', '.hidden.policy']) await put(name, UNTIDY);
    await mkdir(at('empty'));
    expect(await fmt([folder, at('a.policy')], { check: true })).toEqual({
      code: 1,
      stdout: 'a.policy\nb.rules\n',
      stderr: '',
    });
    expect(await fmt([at('empty')])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'empty has no *.policy or *.rules file\n',
    });
  });

  it('reports unreadable files and formats the others', async () => {
    const untidy = await put('a.policy', UNTIDY);
    await put('latin.policy', Uint8Array.of(0x23, 0x20, 0xe4, 0x0a));
    const { code, stdout, stderr } = await fmt([untidy, at('none.policy'), at('latin.policy'), '/dev/null']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'a.policy\n' });
    expect(stderr).toBe(
      'the policy none.policy cannot be read: there is no such file\n' +
        'the policy /dev/null cannot be read: it is a pipe or a device; expected a regular file\n' +
        'latin.policy:1:3: error: the file is not valid UTF-8: unexpected byte 0xE4\n' +
        '  1 | # \ufffd\n    |   ^\n  hint: save it as UTF-8\n',
    );
    expect(await readFile(untidy, 'utf8')).toBe(TIDY);
    expect(await fmt(['-'], { input: Uint8Array.of(0xff) })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'standard input:1:1: error: the file is not valid UTF-8: unexpected byte 0xFF\n' +
        '  1 | \ufffd\n    | ^\n  hint: save it as UTF-8\n',
    });
  });

  it('formats a directory that contains an unreadable policy', async () => {
    await put('c.policy', UNTIDY);
    await mkdir(at('a.policy'));
    await symlink('gone', at('b.policy'));
    execFileSync('mkfifo', [at('d.policy')]);
    expect(await fmt([folder])).toEqual({
      code: 2,
      stdout: 'c.policy\n',
      stderr:
        'the policy a.policy cannot be read: it is a directory\n' +
        'the policy b.policy cannot be read: there is no such file\n' +
        'the policy d.policy cannot be read: it is a pipe or a device; expected a regular file\n',
    });
    expect(await readFile(at('c.policy'), 'utf8')).toBe(TIDY);
  });

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EACCES', 'this user may not write it, or not make files beside it'],
    ['EIO', 'the disk reports an error; the log of the kernel says more'],
    ['EPROTO', 'EPROTO: of this test'],
  ])('reports why a file cannot be written: %s', async (errorCode, reason) => {
    const [one, two] = [await put('a.policy', UNTIDY), await put('b.policy', UNTIDY)];
    const replace = (path: string, text: string) =>
      path === one
        ? Promise.reject(Object.assign(new Error(`${errorCode}: of this test`), { code: errorCode }))
        : replaceFile(path, text);
    const { code, stdout, stderr } = await fmt([one, two], { replace });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: 'b.policy\n',
      stderr: `a.policy cannot be written and was not changed: ${reason}\n`,
    });
  });

  it('leaves no temporary file when a file cannot be replaced', async () => {
    const file = await put('a.policy', UNTIDY);
    // The name has the maximum length, so the temporary file cannot be created.
    const long = await put(`${'a'.repeat(248)}.policy`, UNTIDY);
    expect(await fmt([file, long])).toMatchObject({
      code: 2,
      stdout: 'a.policy\n',
      stderr: expect.stringContaining('was not changed: ') as string,
    });
    expect(await readFile(long, 'utf8')).toBe(UNTIDY);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
