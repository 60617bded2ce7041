import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ksm, type KsmSettings } from '../support/ksm.ts';
import { command } from './command.ts';
import type { GuestImage } from './image.ts';
import { removeGuestCgroups } from './cgroups.ts';
import { UnsuitableMachine } from './packages.ts';
import { firstChild, identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/**
 * Everything that a run keeps on this machine is in here. KSM is one for the whole machine, so there is one bed at a time.
 *
 * The bed is a mount and PID namespace (see enter-bed.sh for why) in which the tests, their libvirtd and their guests run. Every
 * process in the chain that leads there dies with its parent, so even a SIGKILL of the runner leaves no process; what it does
 * leave (this directory, KSM's settings, empty cgroups) is put right by the next run, from what the first one wrote down here.
 */
export const BED = '/run/ballast-test';

/** Makes the bed, after whatever a killed run has left was cleaned up; waits for another run to end. */
export async function claimBed(say: (line: string) => void, signal: AbortSignal): Promise<void> {
  await removeScraps();
  const runner = await identify(process.pid);
  if (runner === null) throw new Error('/proc does not show this process');
  const made = `${BED}.new-${process.pid}`;
  await layOut(made);
  await writeFile(join(made, 'runner.json'), JSON.stringify(runner));
  try {
    await takePlace(made, say, signal);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  // Only now: a run that was in the bed until a moment ago has put KSM back. Nothing was changed before this file is there.
  await writeFile(join(BED, 'ksm.json'), JSON.stringify(await ksm.settings()));
}

/** Renaming succeeds for one run at a time: it fails as long as there is a bed. */
async function takePlace(made: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let waiting = false; ;) {
    signal.throwIfAborted();
    try {
      await rename(made, BED);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    const other = await readJson<ProcessIdentity>(join(BED, 'runner.json'));
    if (other !== null && (await isAlive(other))) {
      if (!waiting) say(`waiting for another run of the host tests (pid ${other.pid}) to end`);
      waiting = true;
      await sleep(1000, undefined, { signal });
    } else {
      say('cleaning up after a run that was killed');
      await dismantleBed(say);
    }
  }
}

/** Ends what still runs in the bed, restores KSM and removes the bed. */
export async function dismantleBed(say: (line: string) => void): Promise<void> {
  const init = await readJson<ProcessIdentity>(join(BED, 'init.json'));
  if (init !== null) {
    if (await isAlive(init)) killIfThere(init.pid);
    while (await isAlive(init)) await sleep(20);
  }
  const settings = await readJson<KsmSettings>(join(BED, 'ksm.json'));
  if (settings !== null) await ksm.restore(settings);
  await removeGuestCgroups(say);
  // Removing takes many steps, renaming one: a bed that has its name is whole.
  const old = `${BED}.old-${process.pid}`;
  await rename(BED, old);
  await rm(old, { recursive: true, force: true });
}

/** Half-made and half-removed beds of runs that were killed then. */
async function removeScraps(): Promise<void> {
  for (const name of await readdir(dirname(BED))) {
    const pid = /^ballast-test\.(?:new|old)-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && (await identify(Number(pid))) === null)
      await rm(join(dirname(BED), name), { recursive: true, force: true });
  }
}

/** Runs a command in the bed and resolves to its exit code. An abort kills it and everything that it has started in there. */
export async function runInBed(
  image: GuestImage,
  commandLine: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const enter = fileURLToPath(new URL('enter-bed.sh', import.meta.url));
  const { XDG_RUNTIME_DIR: _hiddenInTheBed, ...env } = process.env;
  // Its own process group: Ctrl-C reaches the runner alone, which then ends all of this at once.
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      enter,
      BED,
      ...commandLine,
    ],
    {
      detached: true,
      stdio: ['ignore', 'inherit', 'pipe', 2],
      env: {
        ...env,
        BALLAST_TEST_BED: BED,
        BALLAST_TEST_KERNEL: image.kernel,
        BALLAST_TEST_INITRAMFS: image.initramfs,
        LIBVIRT_DRIVER_DIR: join(BED, 'drivers'),
        TMPDIR: join(BED, 'tmp'),
      },
    },
  );
  let trouble = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (trouble += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  ended.catch(() => {});
  // PID 1 of the namespace, as seen from here. Its end is the end of everything in there, and only then does the kernel report it.
  let init: ProcessIdentity | null = null;
  while (init === null && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    await sleep(5);
    init = await firstChild(child.pid);
  }
  if (init !== null) await writeFile(join(BED, 'init.json'), JSON.stringify(init));
  const kill = (): void => {
    if (init !== null) killIfThere(init.pid);
  };
  if (signal.aborted) kill();
  else signal.addEventListener('abort', kill, { once: true });
  try {
    const [code, killedBy] = await ended;
    signal.throwIfAborted();
    if (trouble !== '') {
      throw new UnsuitableMachine(
        `The test bed, a mount and PID namespace of its own, could not be set up (in a container this takes CAP_SYS_ADMIN):\n${trouble.trim()}`,
      );
    }
    if (code === null) throw new Error(`The test bed was ended by ${killedBy}.`);
    return code;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** The directories and configuration files that the bed's libvirtd finds. */
async function layOut(root: string): Promise<void> {
  const directories = [
    'host-run/ballast-test',
    'host-run/lock',
    'host-run/libvirt',
    'etc/libvirt',
    'var/lib/libvirt',
    'var/log/libvirt',
    'var/cache/libvirt',
    'drivers',
    'guests',
    'tmp',
  ];
  for (const directory of directories) await mkdir(join(root, directory), { recursive: true });
  // Root alone may connect, and without polkit, which is not to be found from the bed.
  await writeFile(join(root, 'etc/libvirt/libvirtd.conf'), 'auth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n');
  await writeFile(
    join(root, 'etc/libvirt/qemu.conf'),
    [
      'user = "root"',
      'group = "root"',
      // The files a guest boots from belong to the cache.
      'dynamic_ownership = 0',
      // AppArmor's generated profiles know nothing of the bed's paths.
      'security_driver = "none"',
      // Console logs are written by QEMU itself: no virtlogd to look after.
      'stdio_handler = "file"',
      'namespaces = []',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  );
  // Only QEMU's driver: those for networks and network filters would look at this machine's firewall.
  const files = await command('dpkg', ['-L', 'libvirt-daemon-driver-qemu']);
  const driver = files.split('\n').find((line) => line.endsWith('/libvirt_driver_qemu.so'));
  if (driver === undefined) throw new Error('libvirt-daemon-driver-qemu has no libvirt_driver_qemu.so');
  await symlink(driver, join(root, 'drivers/libvirt_driver_qemu.so'));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as T);
}
