import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, CommandError } from './command.ts';

/**
 * The packages that the test bed needs, by their names in Debian and Ubuntu. libvirt-daemon-system provides the user, group and
 * directories; with systemd, its installation also starts a system libvirtd, which the bed neither uses nor stops.
 */
export const PACKAGES = [
  'libvirt-daemon-system',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
  'busybox-static',
  'cpio',
  'libfaketime',
] as const;

/** Metapackages of kernels with the required virtio drivers: Debian's, then Ubuntu's. */
export const KERNEL_PACKAGES = ['linux-image-cloud-amd64', 'linux-image-virtual'] as const;

/** Maximum seconds to wait for another package manager, such as an unattended upgrade. */
const LOCK_TIMEOUT_S = 600;

/** The machine cannot run the test bed. The message names what is required; it is printed without a stack. */
export class UnsuitableMachine extends Error {}

/** @throws UnsuitableMachine without apt-get and dpkg */
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

/**
 * Installs missing {@link PACKAGES}, without recommended packages. They stay installed.
 * @param note called with them first
 */
export async function installPackages(
  log: (line: string) => void,
  signal: AbortSignal,
  note: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  const missing: string[] = [];
  for (const name of PACKAGES) if (!(await isInstalled(name, signal))) missing.push(name);
  if (missing.length === 0) return;
  log(`installing ${missing.join(', ')}`);
  await note(missing);
  await withFreshLists(signal, log, () => apt(['install', '--yes', '--no-install-recommends', ...missing], signal));
}

/** Runs a step that needs package lists; if it fails, refreshes the lists and retries once. */
export async function withFreshLists<T>(
  signal: AbortSignal,
  log: (line: string) => void,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    log('that failed with the package lists of this machine; refreshing them');
    await apt(['update'], signal);
    return step();
  }
}

/** Runs apt-get non-interactively. Waits while another process holds its locks; older versions do not wait for all of them. */
export async function apt(args: readonly string[], signal: AbortSignal, cwd?: string): Promise<string> {
  const deadline = Date.now() + LOCK_TIMEOUT_S * 1000;
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
