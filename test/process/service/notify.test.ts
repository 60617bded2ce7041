import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { start, type RunningProcess } from '../../support/process.ts';
import { hasProgram } from '../../support/has-program.ts';

const LISTENER = join(import.meta.dirname, '../../support/notify-socket.py');

const missing = ['systemd-notify', 'python3'].filter((program) => !hasProgram(program));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-notify-'));
  await cp(join(import.meta.dirname, '../../fixtures/hosts/linux-6.18'), join(folder, 'host'), { recursive: true });
  await writeFile(
    join(folder, 'ballast.yaml'),
    'libvirt: {socket: none.sock}\nhost_root: host\ncollect_interval: 100ms\npolicy_interval: 100ms\npolicy: p.policy\nlog: {file: log}\n',
  );
  await writeFile(join(folder, 'p.policy'), '(debug "runs")');
});
afterEach(() => rm(folder, { recursive: true }));

async function listen(): Promise<RunningProcess> {
  const listener = start('python3', [LISTENER, join(folder, 'notify')]);
  await listener.waitForLine(/^listening$/);
  return listener;
}

// Without these programs nothing can be shown here.
describe.skipIf(missing.length > 0)(
  `a daemon under a service manager (needs ${missing.join(', ') || 'nothing more'})`,
  () => {
    it('notifies it of start, life, reload and stop through systemd-notify', async () => {
      const listener = await listen();
      const ballast = startBallast(['run', '--config', 'ballast.yaml'], {
        cwd: folder,
        env: { NOTIFY_SOCKET: join(folder, 'notify'), WATCHDOG_USEC: '1000000' },
      });
      await listener.waitForLine(/^READY=1$/);
      await listener.waitForLine(/^WATCHDOG=1$/);
      const { stdout, stderr } = listener;
      const before = { stdout: stdout.length, stderr: stderr.length };
      ballast.kill('SIGHUP');
      await listener.waitForLine(/^RELOADING=1 MONOTONIC_USEC=\d+$/, 60_000, before);
      await listener.waitForLine(/^READY=1$/, 60_000, before);
      await listener.waitForLine(/^WATCHDOG=1$/, 60_000, { ...before, stdout: stdout.length });
      ballast.kill('SIGTERM');
      await listener.waitForLine(/^STOPPING=1$/);
      expect((await ballast.exit).code).toBe(0);
      listener.kill('SIGKILL');
      await listener.exit;
      expect(await readFile(join(folder, 'log'), 'utf8')).not.toContain('Cannot notify');
    });
  },
);

describe('a daemon', () => {
  it('starts no program without a service manager', async () => {
    // A PATH in which a program of that name would leave a trace.
    await writeFile(join(folder, 'systemd-notify'), `#!/bin/sh\ntouch ${folder}/started\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env['PATH']}`, NOTIFY_SOCKET: '' };
    // Without libvirt, a single interval has a problem.
    expect((await runBallast(['run', '--once', '--config', 'ballast.yaml'], { cwd: folder, env })).code).toBe(1);
    await expect(readFile(join(folder, 'started'))).rejects.toThrow(/ENOENT/);
    const watched = { ...env, NOTIFY_SOCKET: '/nowhere' };
    await runBallast(['run', '--once', '--config', 'ballast.yaml'], { cwd: folder, env: watched });
    expect(await readFile(join(folder, 'started'), 'utf8')).toBe('');
  });

  it('says when it cannot notify the service manager, and runs on', async () => {
    await writeFile(join(folder, 'systemd-notify'), '#!/bin/sh\necho refused >&2\nexit 1\n', { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env['PATH']}`, NOTIFY_SOCKET: '/nowhere' };
    // Without libvirt, a single interval has a problem.
    expect((await runBallast(['run', '--once', '--config', 'ballast.yaml'], { cwd: folder, env })).code).toBe(1);
    expect(await readFile(join(folder, 'log'), 'utf8')).toContain('Cannot notify systemd: refused. With Type=notify');
  });
});
