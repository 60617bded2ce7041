import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReference } from '../../../src/cli/handlers/docs.ts';
import { exitCodeOf } from '../../../src/cli/support/exit-code-of.ts';
import { assemble, builtinPlugins, loadModules } from '../../../src/compose/plugins.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { start } from '../../support/process.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = join(ROOT, 'docs/reference.md');
const plugins = builtinPlugins();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-docs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function docs(
  options: { readonly code?: string; readonly output?: string; readonly check?: string },
  of = plugins,
) {
  const io = capturedIo();
  const { code: message = null, output = null, check = null } = options;
  const work = () => writeReference({ code: message, output, check }, io, of);
  const code = await exitCodeOf(work, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('ballast docs', () => {
  it('--check passes when the page is up to date', async () => {
    expect(await docs({ check: PAGE })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('writes the page to standard output or to a file', async () => {
    const { code, stdout } = await docs({});
    expect({ code, stdout }).toEqual({ code: 0, stdout: await readFile(PAGE, 'utf8') });
    const file = join(folder, 'reference.md');
    expect(await docs({ output: file })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(file, 'utf8')).toBe(stdout);
  });

  it('prints the page of a message, or suggests a code', async () => {
    const page = await readFile(join(ROOT, 'docs/messages/maybe-nil.md'), 'utf8');
    expect(await docs({ code: 'maybe-nil' })).toEqual({ code: 0, stdout: page, stderr: '' });
    expect(await docs({ code: 'maybe-nil', check: join(ROOT, 'docs/messages/maybe-nil.md') })).toMatchObject({
      code: 0,
    });
    const stale = join(ROOT, 'docs/messages/or-zero.md');
    expect(await docs({ code: 'maybe-nil', check: stale })).toEqual({
      code: 1,
      stdout: '',
      stderr: `${stale}:1: differs from the current page; run "ballast docs maybe-nil -o ${stale}"\n`,
    });
    expect(await docs({ code: 'maybe-nul' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'there is no message "maybe-nul"; did you mean "maybe-nil"?\n',
    });
    expect(await docs({ code: 'zzzzzzzz' })).toMatchObject({
      code: 2,
      stderr:
        'there is no message "zzzzzzzz"; a warning has its code in brackets, and "ballast check --json" shows all codes\n',
    });
  });

  it('reports where a page is out of date', async () => {
    const file = join(folder, 'reference.md');
    await writeFile(file, (await readFile(PAGE, 'utf8')).replace('KiB | 1024 bytes |', 'KiB | 1000 bytes |'));
    const line =
      (await readFile(PAGE, 'utf8')).split('\n').findIndex((each) => each.endsWith('KiB | 1024 bytes |')) + 1;
    const stderr = `${file}:${line}: differs from the current reference; run "ballast docs -o ${file}"\n`;
    expect(await docs({ check: file })).toEqual({ code: 1, stdout: '', stderr });
    await writeFile(file, (await readFile(PAGE, 'utf8')).slice(0, 100));
    expect(await docs({ check: file })).toMatchObject({ code: 1 });
  });

  it('reports files that it cannot read or write, and conflicting options', async () => {
    expect(await docs({ check: join(folder, 'none.md') })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none.md cannot be read: '),
    });
    expect(await docs({ output: folder })).toEqual({
      code: 2,
      stdout: '',
      stderr: `${folder} cannot be written: it is a directory\n`,
    });
    expect(await docs({ output: 'a', check: 'b' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'docs accepts only one of -o FILE and --check FILE\n',
    });
  });

  it('writes into a pipe without replacing it by a file', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = start('cat', [pipe]);
    expect(await docs({ output: pipe })).toEqual({ code: 0, stdout: '', stderr: '' });
    await reader.exit;
    expect(`${reader.stdout.join('\n')}\n`).toBe(await readFile(PAGE, 'utf8'));
    expect((await stat(pipe)).isFIFO()).toBe(true);
  });

  it.each([
    ['binary', [0x7f, 0x45, 0x4c, 0x46, 0]],
    ['in another encoding', [0x23, 0xe4, 0x0a]],
  ])('does not compare with a file that is %s', async (_what, bytes) => {
    const file = join(folder, 'reference.md');
    await writeFile(file, Uint8Array.from(bytes));
    expect(await docs({ check: file })).toEqual({
      code: 2,
      stdout: '',
      stderr: `${file} is not UTF-8 text, so it is not a page written by "ballast docs"\n`,
    });
  });

  it('includes the plugins of the config', async () => {
    const site = await loadModules([join(ROOT, 'test/unit/examples/site-load.mjs')]);
    const { stdout } = await docs({}, assemble({ collectors: null, controllers: null, site }));
    expect(stdout).toMatch(/^### site-load$/m);
    expect(stdout).toMatch(/^\| .*`load_1` \|/m);
  });
});
