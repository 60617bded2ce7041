import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './lsp/client.ts';
import { start } from '../support/process.ts';
import { recordSmall } from '../support/recordings.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

let folder: string;
/** The package in node_modules, and the command that npm creates. */
let installed: string;
let command: string;

/** Packs this checkout and installs the package into an empty folder, without a registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
  const site = join(folder, 'site');
  await mkdir(site);
  await writeFile(join(site, 'package.json'), '{"name": "site", "private": true}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)], { cwd: site });
  installed = join(site, 'node_modules/ballast');
  command = join(site, 'node_modules/.bin/ballast');
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ballast(args: readonly string[], path = command) {
  // From a folder unrelated to the package.
  const running = start(path, args, { cwd: folder });
  const { code } = await running.exit;
  return { code, stdout: running.stdout.join('\n'), stderr: running.stderr.join('\n') };
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

describe('the package', () => {
  it('requires no other package', async () => {
    expect((await readdir(join(installed, '..'))).filter((name) => !name.startsWith('.'))).toEqual(['ballast']);
  });

  it('contains no TypeScript except for the interfaces for site plugins', async () => {
    const sources = (await filesIn(installed)).filter((name) => /\.[cm]?tsx?$/.test(name));
    expect(sources).toEqual(expect.arrayContaining(['src/plugin/collector.ts', 'src/plugin/controller.ts']));
    expect(sources).not.toContain('src/main.ts');
    for (const source of sources) {
      const text = await readFile(join(installed, source), 'utf8');
      for (const [, specifier] of text.matchAll(/^import type .* from '(.*)';$/gm)) {
        expect(sources, `${source} imports ${specifier}`).toContain(normalize(join(dirname(source), specifier!)));
      }
    }
  });

  it('contains every file that its pages link to', async () => {
    const files = await filesIn(installed);
    const pages = files.filter((name) => name.endsWith('.md'));
    expect(pages).toContain('docs/operations.md');
    const deadLinks: string[] = [];
    for (const page of pages) {
      const text = await readFile(join(installed, page), 'utf8');
      for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
        if (!files.includes(normalize(join(dirname(page), target!)))) deadLinks.push(`${page}: ${target}`);
      }
    }
    expect(deadLinks).toEqual([]);
  });

  it('contains the licence of every bundled package', async () => {
    const dist = join(installed, 'dist');
    const code = await Promise.all(
      (await readdir(dist)).filter((name) => name.endsWith('.js')).map((name) => readFile(join(dist, name), 'utf8')),
    );
    // The bundler writes the path of each module in a comment above it.
    const bundled = new Set(
      code.flatMap((text) =>
        [...text.matchAll(/^\s*\/\/ node_modules\/(?:.*\/node_modules\/)?((?:@[^/]+\/)?[^/\s]+)\//gm)].map(
          ([, name]) => name!,
        ),
      ),
    );
    expect([...bundled]).toEqual(
      expect.arrayContaining(['chevrotain', 'commander', 'pino', 'vscode-languageserver', 'yaml', 'zod']),
    );
    const notices = (await readFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8')).split(`\n${'-'.repeat(78)}\n\n`);
    const named = new Map(notices.map((notice) => [notice.slice(0, notice.indexOf(' ')), notice]));
    expect([...bundled].filter((name) => !named.has(name))).toEqual([]);
    for (const notice of notices)
      expect(notice).toMatch(
        /^\S+ \d\S* \((MIT|ISC|Apache-2\.0|BSD-3-Clause)\)\n\n[^]*(permission|permitted|license)/i,
      );
  });
});

describe('the installed command', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await ballast(['--version'])).toEqual({ code: 0, stdout: version, stderr: '' });
  });

  it('works through nested symbolic links', async () => {
    await symlink(command, join(folder, 'linked'));
    expect(await ballast(['eval', '-e', '(+ 1 2)'], join(folder, 'linked'))).toEqual({
      code: 0,
      stdout: '3',
      stderr: '',
    });
  });

  it('loads only Node and its own files', async () => {
    const recording = join(folder, 'alone.jsonl');
    await recordSmall(recording);
    // A module hook that logs each loaded module.
    await writeFile(
      join(folder, 'log-loads.mjs'),
      `
      import { writeSync } from 'node:fs';
      export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\n'); return next(url, context); }
    `,
    );
    await writeFile(
      join(folder, 'hook.mjs'),
      `import { register } from 'node:module';\nregister('./log-loads.mjs', import.meta.url);\n`,
    );
    const args = [
      '--import',
      join(folder, 'hook.mjs'),
      command,
      'replay',
      recording,
      '--policy',
      join(installed, 'policies/mom-ksm.policy'),
    ];
    const running = start(process.execPath, args, { cwd: folder });
    expect((await running.exit).code).toBe(0);
    const urls = running.stderr.flatMap((line) => (line.startsWith('loaded ') ? [line.slice('loaded '.length)] : []));
    expect(urls.some((url) => url.endsWith('/node_modules/ballast/dist/main.js'))).toBe(true);
    expect(urls.filter((url) => !url.startsWith('node:') && !url.includes('/node_modules/ballast/'))).toEqual([]);
  });

  it('runs as a language server', async () => {
    const client = await Client.start({ command });
    const text = await readFile(join(installed, 'policies/mom-balloon.policy'), 'utf8');
    await client.open('untitled:balloon', text.replace('vm.balloon_cur', 'vm.balloon_kur'));
    expect(await client.diagnostics('untitled:balloon')).toMatchObject([{ code: 'unknown-field' }]);
    expect(await client.stop()).toBe(0);
    expect(client.stderr).toBe('');
  });

  it('checks the shipped policies', async () => {
    const { code, stdout } = await ballast(['check', join(installed, 'policies/mom-balloon.policy')]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1 file: no mistakes found' });
  });

  it('tests the shipped policies, whose schema reference is valid', async () => {
    const { code, stdout } = await ballast(['test', join(installed, 'policies'), '--min-coverage', '100']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\d+ passed, 0 failed$/) });
    const schema = (await readFile(join(installed, 'policies/mom-balloon.test.yaml'), 'utf8'))
      .split('\n', 1)[0]!
      .replace('# yaml-language-server: $schema=', '');
    expect(await readFile(join(installed, 'policies', schema), 'utf8')).toContain(
      '"title": "A policy test of Ballast"',
    );
  });

  it.each(['pretty', 'json', 'mom'])('replays a recording, log format %s', async (format) => {
    const recording = join(folder, `${format}.jsonl.gz`);
    await recordSmall(recording);
    const { code, stdout, stderr } = await ballast([
      'replay',
      recording,
      '--policy',
      join(installed, 'policies/mom-balloon.policy'),
      '--log-format',
      format,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Ballooning guest:web-1 from 1048576 to 996147');
    expect(stdout).toMatch(/^web-1 +1048576 /m);
  });

  it('runs with a config, a site plugin, a log file and a recording, and replays the recording', async () => {
    const etc = join(folder, 'etc');
    await mkdir(etc);
    await writeFile(join(etc, 'site-load.mjs'), await readFile(join(ROOT, 'test/unit/examples/site-load.mjs')));
    await mkdir(join(etc, 'host/proc'), { recursive: true });
    await writeFile(join(etc, 'host/proc/loadavg'), '1.25 1.00 0.75 1/100 4242\n');
    await writeFile(join(etc, 'site.policy'), '(debug "the load is" Host.load_1)\n');
    await writeFile(
      join(etc, 'ballast.yaml'),
      [
        'policy: {files: [site.policy]}',
        'plugins: [site-load.mjs]',
        'host_root: host',
        'libvirt: {socket: no-libvirt-here}',
        'collectors: [host-time]',
        'log: {file: ballast.log}',
        'record: {path: out.jsonl.gz}',
        '',
      ].join('\n'),
    );
    const config = ['--config', join(etc, 'ballast.yaml')];
    expect(await ballast(['check', join(etc, 'site.policy'), ...config])).toEqual({
      code: 0,
      stdout: '1 file: no mistakes found',
      stderr: '',
    });
    // Without libvirt, the single interval is incomplete.
    expect(await ballast(['run', '--once', ...config])).toEqual({ code: 1, stdout: '', stderr: '' });
    const log = (await readFile(join(etc, 'ballast.log'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string });
    expect(log.map(({ msg }) => msg)).toContain('the load is 1.25');
    const { code, stdout } = await ballast(['replay', join(etc, 'out.jsonl.gz'), ...config]);
    expect(code).toBe(0);
    expect(stdout).toContain('the load is 1.25');
  });

  it('prints the stack of an internal error and exits with 3', async () => {
    await writeFile(
      join(folder, 'defect.mjs'),
      `export default { name: 'defect', controls: [], plan: () => { throw new TypeError('a bug'); }, describe: () => '', create: () => null.bug };\n`,
    );
    await writeFile(
      join(folder, 'defect.yaml'),
      `policy: {files: [${join(installed, 'policies/first-look.policy')}]}\nplugins: [defect.mjs]\nlibvirt: {socket: no-libvirt-here}\n`,
    );
    const { code, stderr } = await ballast(['run', '--once', '--dry-run', '--config', join(folder, 'defect.yaml')]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^ballast: internal error, please report it: TypeError: .*\n +at .*defect\.mjs/m);
  });
});
