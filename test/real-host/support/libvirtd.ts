import { readFile } from 'node:fs/promises';
import { command } from '../bed/command.ts';
import { identify, isAlive, type ProcessIdentity } from '../bed/process-identity.ts';
import { waitFor } from './poll.ts';

/** In the bed the system URI leads to the bed's own libvirtd. */
export const LIBVIRT_URI = 'qemu:///system';

const PID_FILE = '/run/libvirtd.pid';

/** The bed's libvirtd. It runs when a test file begins; guests survive its stop. */
export const libvirtd = {
  uri: LIBVIRT_URI,
  /** Only root may connect (mode 0700). */
  socketPath: '/run/libvirt/libvirt-sock',

  /** Starts it unless it runs, and waits until it answers. */
  async start(): Promise<void> {
    if ((await running()) === null) await command('libvirtd', ['-d', '--pid-file', PID_FILE]);
    await waitFor('libvirtd to answer', 60_000, () =>
      command('virsh', ['-q', '-c', LIBVIRT_URI, 'version']).then(
        () => true,
        () => false,
      ),
    );
  },

  /** Ends it with a signal (SIGTERM: as an operator's `systemctl stop`; SIGKILL: a crash) and waits until it is gone. */
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

  /** Null when it does not run. */
  async pid(): Promise<number | null> {
    return (await running())?.pid ?? null;
  },
};

async function running(): Promise<ProcessIdentity | null> {
  const text = await readFile(PID_FILE, 'utf8').catch(() => null);
  const pid = Number(text);
  // The file survives a crash; by then its number may be another's.
  if (text === null || !(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).startsWith('libvirtd\0'))
    return null;
  return identify(pid);
}
