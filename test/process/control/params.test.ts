import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlClient } from '../../../src/control/client.ts';
import { runBallast, startBallast } from '../../support/ballast.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-params-'));
  await cp(join(import.meta.dirname, '../../fixtures/hosts/linux-6.18'), join(folder, 'host'), { recursive: true });
  await writeFile(join(folder, 'p.policy'), '(param share 20%)\n(Host.SetVar "x" share)\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function config(share: string): Promise<void> {
  const lines = [
    'libvirt: {socket: none.sock}',
    'host_root: host',
    'collect_interval: 100ms',
    'policy_interval: 100ms',
    'runtime_dir: run',
    'state_dir: state',
    'log: {format: mom}',
    `policy: {files: p.policy, parameters: {share: ${share}}}`,
  ];
  await writeFile(join(folder, 'ballast.yaml'), `${lines.join('\n')}\n`);
}

it('lists what is in effect in the running daemon, where it was set, and what a reload would change', async () => {
  const params = (...args: readonly string[]) => runBallast(['params', ...args], { cwd: folder });
  await config('25%');
  const ballast = startBallast(['run', '--config', 'ballast.yaml'], { cwd: folder });
  await ballast.waitForLine(/INFO - Running$/);
  await config('30%');
  const stale = await params('-c', 'ballast.yaml');
  expect(stale.stdout).toMatch(/^share {6}25% {4}20% .*ballast\.yaml:8$/m);
  expect(stale.stdout).toMatch(/^in effect in the running daemon, process \d+$/m);
  expect(stale.stderr).toBe('warning: share: the files say otherwise, and will be in effect after a reload');
  await config('25%');

  const client = new ControlClient({ socket: join(folder, 'run/control.sock'), name: 'test' });
  await client.call('setParameter', { params: { name: 'share' }, body: { value: '40%' } });
  for (const where of [
    ['-c', 'ballast.yaml'],
    ['-c', join(folder, 'ballast.yaml')],
  ]) {
    const set = await params(...where);
    expect(set.stdout).toMatch(/^share {6}40% {4}20% .*state\/parameters-\w+\.yaml:\d+$/m);
    expect(set.stderr).toBe('');
  }
  expect(JSON.parse((await params('-c', 'ballast.yaml', '--json')).stdout)).toMatchObject([{ value: '40%' }]);
  // Another config has nothing to do with the daemon, and neither have policies that are named.
  expect((await params('--policy', 'p.policy')).stdout).toMatch(/^share {6}20%/m);

  expect((await ballast.stop('SIGTERM')).code).toBe(0);
  const kept = await params('-c', 'ballast.yaml');
  expect(kept.stdout).toMatch(/^share {6}40% {4}20% .*state\/parameters-\w+\.yaml:\d+$/m);
  expect(kept.stdout).not.toContain('in effect');
});
