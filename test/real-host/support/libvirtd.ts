import { readFile } from 'node:fs/promises';
import { command } from '../bed/command.ts';
import { identify, isAlive, type ProcessIdentity } from '../bed/process-identity.ts';
import { waitFor } from './poll.ts';

/** In the bed, the system URI connects to the bed's libvirtd. */
export const LIBVIRT_URI = 'qemu:///system';

const PID_FILE = '/run/libvirtd.pid';

/** The bed's libvirtd. It is running when a test file starts; guests survive when it is stopped. */
export const libvirtd = {
  uri: LIBVIRT_URI,
  /** Only root can connect (mode 0700). */
  socketPath: '/run/libvirt/libvirt-sock',

  /** Starts libvirtd if it is not running, and waits until it replies. */
  async start(): Promise<void> {
    if ((await running()) === null) await command('libvirtd', ['-d', '--pid-file', PID_FILE]);
    await waitFor('libvirtd to answer', 60_000, () =>
      command('virsh', ['-q', '-c', LIBVIRT_URI, 'version']).then(
        () => true,
        () => false,
      ),
    );
  },

  /** Stops libvirtd with a signal (SIGTERM: like `systemctl stop`; SIGKILL: like a crash) and waits until it has exited. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const daemon = await running();
    if (daemon === null) return;
    process.kill(daemon.pid, signal);
    await waitFor('libvirtd to stop', 60_000, async () => !(await isAlive(daemon)));
  },

  async restart(): Promise<void> {
    await libvirtd.stop();
    await libvirtd.start();
  },

  /** null if it is not running. */
  async pid(): Promise<number | null> {
    return (await running())?.pid ?? null;
  },
};

async function running(): Promise<ProcessIdentity | null> {
  const text = await readFile(PID_FILE, 'utf8').catch(() => null);
  const pid = Number(text);
  // After a crash, the file still exists, and another process may have this id.
  if (text === null || !(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).startsWith('libvirtd\0'))
    return null;
  return identify(pid);
}
