import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBallast, startBallast } from '../../support/ballast.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-run-'));
  await cp(join(import.meta.dirname, '../../fixtures/hosts/linux-6.18'), join(folder, 'host'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** The config of a daemon that uses neither KSM nor libvirt of this machine. */
async function config(...lines: readonly string[]): Promise<string> {
  const path = join(folder, 'ballast.yaml');
  const base = ['libvirt: {socket: none.sock}', 'host_root: host', 'collect_interval: 100ms', 'policy_interval: 100ms'];
  await writeFile(path, [...base, ...lines, ''].join('\n'));
  return path;
}

describe('record', () => {
  it.each([
    ['a directory', 'mkdir'],
    ['not an ordinary file', 'mkfifo'],
  ])('refuses to record to a path that is %s, and leaves it unchanged', async (what, make) => {
    await promisify(execFile)(make, ['day'], { cwd: folder });
    const { code, stderr } = await runBallast(['record', 'day', '--config', await config()], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `cannot record to day: it is ${what}` });
    expect((await readdir(folder)).sort()).toEqual(['ballast.yaml', 'day', 'host']);
  });
});

describe('run', () => {
  it('exits orderly with code 3 when a controller throws, even if the plugin has left a timer running', async () => {
    await writeFile(
      join(folder, 'broken.mjs'),
      `export default {
      name: 'broken', controls: [{ name: 'broken', scope: 'host', type: 'number', unit: 'none', doc: 'none', source: 'none' }],
      plan: () => { throw new TypeError('no plan'); }, describe: () => '',
      create: () => { setInterval(() => {}, 100); return { observe: () => {}, restore: () => [], apply: async () => {} }; },
    };`,
    );
    await writeFile(join(folder, 'broken.policy'), '(Host.Control "broken" 1)');
    const file = await config('plugins: broken.mjs', 'policy: broken.policy', 'log: {file: log}');
    const { code, stderr } = await runBallast(['run', '--config', file], { cwd: folder });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^ballast: internal error, please report it: TypeError: no plan\n +at .*broken\.mjs:3/);
    expect(await readFile(join(folder, 'log'), 'utf8')).toMatch(
      /Internal error, exiting; the stack trace is on standard error: no plan/,
    );
  });

  it('keeps the active policy when a reloaded config has none', async () => {
    await writeFile(join(folder, 'p.policy'), '(debug "still here")');
    const ballast = startBallast(['run', '--config', await config('policy: p.policy', 'log: {format: mom}')], {
      cwd: folder,
    });
    await ballast.waitForLine(/INFO - still here$/);
    await config('log: {format: mom}');
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/ERROR - no policy given: /);
    await ballast.waitForLine(/INFO - still here$/, 60_000, ballast.lineCount());
    expect((await ballast.stop()).code).toBe(0);
  });
});
