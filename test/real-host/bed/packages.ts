import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, CommandError } from './command.ts';

/**
 * What the test bed uses, by Debian's and Ubuntu's names. libvirt-daemon-system is wanted for its user, group and directories; where
 * systemd runs, installing it starts a system libvirtd, as it does for everybody: the bed neither uses that daemon nor stops it.
 */
export const PACKAGES = [
  'libvirt-daemon-system',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
  'busybox-static',
  'cpio',
] as const;

/** The packages whose first dependency is a kernel that has what a guest needs: Debian's, then Ubuntu's. */
export const KERNEL_PACKAGES = ['linux-image-cloud-amd64', 'linux-image-virtual'] as const;

/** Seconds to wait for another package manager (an unattended upgrade, say) to finish. */
const LOCK_PATIENCE_S = 600;

/** The machine cannot be made into a test bed; the message says what is wanted, without a stack. */
export class UnsuitableMachine extends Error {}

/** Fails unless packages can be installed here. */
export async function requireApt(): Promise<void> {
  try {
    await access('/usr/bin/apt-get');
    await access('/usr/bin/dpkg');
  } catch {
    throw new UnsuitableMachine(
      [
        'The real-host tests install what they need on Debian and Ubuntu only; there is no apt-get here.',
        'On another system they would need:',
        '  - libvirtd 9 or later with its QEMU driver, and virsh',
        '  - qemu-system-x86_64, cpio and a static busybox',
        '  - a guest kernel with virtio_pci, virtio_balloon and virtio_console (Debian: what linux-image-cloud-amd64 depends on)',
        'Run them on a Debian or Ubuntu machine, or a virtual machine of one (no nested KVM is needed).',
      ].join('\n'),
    );
  }
}

/** Installs those of {@link PACKAGES} that are missing, without what they recommend. */
export async function installPackages(say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const missing: string[] = [];
  for (const name of PACKAGES) if (!(await isInstalled(name, signal))) missing.push(name);
  if (missing.length === 0) return;
  say(`installing ${missing.join(', ')}`);
  await withFreshLists(signal, say, () => apt(['install', '--yes', '--no-install-recommends', ...missing], signal));
}

/** Runs a step that needs package lists; when it fails, refreshes the lists once and tries again. */
export async function withFreshLists<T>(
  signal: AbortSignal,
  say: (line: string) => void,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say('that failed with the package lists of this machine; refreshing them');
    await apt(['update'], signal);
    return step();
  }
}

/** Runs apt-get without questions. Waits while somebody else holds one of its locks; not all versions wait for each by themselves. */
export async function apt(args: readonly string[], signal: AbortSignal, cwd?: string): Promise<string> {
  const deadline = Date.now() + LOCK_PATIENCE_S * 1000;
  for (;;) {
    try {
      return await command('apt-get', ['-q', '-o', 'Acquire::Retries=3', ...args], {
        signal,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
        ...(cwd !== undefined && { cwd }),
      });
    } catch (error) {
      const locked =
        error instanceof CommandError &&
        /Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock/.test(error.output);
      if (!locked || Date.now() > deadline) throw error;
      await sleep(3000, undefined, { signal });
    }
  }
}

async function isInstalled(name: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await command('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { signal })) === 'installed';
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
