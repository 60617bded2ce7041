import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBallast } from '../support/process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-run-'));
  await cp(join(import.meta.dirname, '../fixtures/hosts/linux-6.18'), join(folder, 'host'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** Of a daemon that reaches neither this machine's KSM nor its libvirt. */
async function config(...lines: readonly string[]): Promise<string> {
  const path = join(folder, 'ballast.yaml');
  const base = ['libvirt: {socket: none.sock}', 'host_root: host', 'collect_interval: 100ms', 'policy_interval: 100ms', 'log: {format: mom}'];
  await writeFile(path, [...base, ...lines, ''].join('\n'));
  return path;
}

describe('record', () => {
  it.each([['a directory', 'mkdir'], ['not an ordinary file', 'mkfifo']])('does not begin where something is that is %s, and leaves that where it is', async (what, make) => {
    await promisify(execFile)(make, ['day'], { cwd: folder });
    const { code, stderr } = await runBallast(['record', 'day', '--config', await config()], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `nothing can be recorded to day: it is ${what}` });
    expect((await readdir(folder)).sort()).toEqual(['ballast.yaml', 'day', 'host']);
  });
});
