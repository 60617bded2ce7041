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
import { restoreSmallHost } from './small-host.ts';

/**
 * The directory with all state of a run. KSM is shared by the whole machine, so only one test bed can exist at a time.
 *
 * The tests, their libvirtd and their guests run in a mount and PID namespace (enter-bed.sh explains why). Each process that
 * leads to it is killed when its parent exits, so even a SIGKILL of the runner leaves no process. The next run restores the rest
 * (this directory, KSM's settings, empty cgroups, swap and the limit of a small host) from the files in this directory.
 */
export const BED = '/run/ballast-test';

/** Creates the bed. Cleans up after killed runs, and waits until another run ends. */
export async function claimBed(log: (line: string) => void, signal: AbortSignal): Promise<void> {
  await removeIncompleteBeds();
  const runner = await identify(process.pid);
  if (runner === null) throw new Error('/proc does not show this process');
  const prepared = `${BED}.new-${process.pid}`;
  await prepareFiles(prepared);
  await writeFile(join(prepared, 'runner.json'), JSON.stringify(runner));
  try {
    await moveIntoPlace(prepared, log, signal);
  } finally {
    await rm(prepared, { recursive: true, force: true });
  }
  // Only now: the previous run may have restored KSM just before. Nothing changes KSM until this file exists.
  await writeFile(join(BED, 'ksm.json'), JSON.stringify(await ksm.settings()));
}

/** Renames the prepared directory to BED, which fails while another bed exists. */
async function moveIntoPlace(prepared: string, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let waiting = false; ;) {
    signal.throwIfAborted();
    try {
      await rename(prepared, BED);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    const other = await readJson<ProcessIdentity>(join(BED, 'runner.json'));
    if (other !== null && (await isAlive(other))) {
      if (!waiting) log(`waiting for another run of the host tests (pid ${other.pid}) to end`);
      waiting = true;
      await sleep(1000, undefined, { signal });
    } else {
      log('cleaning up after a run that was killed');
      await dismantleBed(log);
    }
  }
}

/** Kills the processes in the bed, restores KSM and removes the bed. */
export async function dismantleBed(log: (line: string) => void): Promise<void> {
  const init = await readJson<ProcessIdentity>(join(BED, 'init.json'));
  if (init !== null) {
    if (await isAlive(init)) killIfThere(init.pid);
    while (await isAlive(init)) await sleep(20);
  }
  const settings = await readJson<KsmSettings>(join(BED, 'ksm.json'));
  if (settings !== null) await ksm.restore(settings);
  await restoreSmallHost(BED);
  await removeGuestCgroups(log);
  // Renamed first, because renaming is atomic: a directory named BED is always complete.
  const old = `${BED}.old-${process.pid}`;
  await rename(BED, old);
  await rm(old, { recursive: true, force: true });
}

/** Removes partly created or partly removed beds of killed runs. */
async function removeIncompleteBeds(): Promise<void> {
  for (const name of await readdir(dirname(BED))) {
    const pid = /^ballast-test\.(?:new|old)-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && (await identify(Number(pid))) === null)
      await rm(join(dirname(BED), name), { recursive: true, force: true });
  }
}

/** Runs a command in the bed and resolves to its exit code. An abort kills all processes in the bed. */
export async function runInBed(
  image: GuestImage,
  commandLine: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const enter = fileURLToPath(new URL('enter-bed.sh', import.meta.url));
  const { XDG_RUNTIME_DIR: _hiddenInTheBed, ...env } = process.env;
  // In a separate process group, so that Ctrl-C reaches only the runner, which then kills the bed.
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
  let setupErrors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (setupErrors += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  ended.catch(() => {});
  // PID 1 of the namespace, seen from outside. When it exits, the kernel kills all processes in the namespace first.
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
    if (setupErrors !== '') {
      throw new UnsuitableMachine(
        `The test bed, a mount and PID namespace of its own, could not be set up (in a container this takes CAP_SYS_ADMIN):\n${setupErrors.trim()}`,
      );
    }
    if (code === null) throw new Error(`The test bed was ended by ${killedBy}.`);
    return code;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** Creates the directories and configuration files of the bed's libvirtd. */
async function prepareFiles(root: string): Promise<void> {
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
  // Only root can connect, without polkit, which is not reachable from the bed.
  await writeFile(join(root, 'etc/libvirt/libvirtd.conf'), 'auth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n');
  await writeFile(
    join(root, 'etc/libvirt/qemu.conf'),
    [
      'user = "root"',
      'group = "root"',
      // Keep the owner of boot files, which are in the cache.
      'dynamic_ownership = 0',
      // AppArmor's generated profiles do not include the paths of the bed.
      'security_driver = "none"',
      // QEMU writes console logs itself, so no virtlogd is needed.
      'stdio_handler = "file"',
      'namespaces = []',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  );
  // Only the QEMU driver: the network drivers would access this machine's firewall.
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
