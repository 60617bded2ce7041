// A throw-away Debian for tests of the package: its files, and running a script in it. All changes are made in memory.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** The packages of a machine beyond those of a minimal Debian that boots. */
export interface MachineKind {
  /** Part of the name of the cached files. */
  readonly name: string;
  readonly packages: readonly string[];
}

export interface Machine {
  /** Its files; `/`: those of this machine. */
  readonly files: string;
  /** Whether systemd is its first process; otherwise the script runs in a chroot. */
  readonly boots: boolean;
}

/** What a minimal Debian needs to boot, and to run Node.js. */
const BOOTABLE = ['systemd', 'systemd-sysv', 'libstdc++6', 'init-system-helpers', 'util-linux'];

/** Makes the files of a machine, and keeps them in ~/.cache/ballast-deb for the next run. Without a Debian to fetch: this machine's own. */
export async function machineFiles(suite: string, kind: MachineKind): Promise<string> {
  const cached = join(homedir(), `.cache/ballast-deb/${suite}-${kind.name}`);
  if (await isThere(join(cached, 'etc/debian_version'))) return cached;
  if (!(await canRun('debootstrap', 'debootstrap'))) return '/';
  console.log(`making a Debian ${suite} in ${cached}`);
  const fresh = `${cached}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const packages = `--include=${[...BOOTABLE, ...kind.packages].join(',')}`;
  try {
    await run('debootstrap', ['--variant=minbase', packages, suite, fresh], { maxBuffer: 2 ** 26 });
  } catch (error) {
    console.log(
      `no Debian can be fetched, so this machine's files are used: ${(error as Error).message.split('\n')[0]}`,
    );
    return '/';
  }
  await rename(fresh, cached);
  return cached;
}

/**
 * Runs a script of a folder as root in the machine, and resolves to its report. The folder is /debs there, and the script's only
 * argument. Without systemd, what the script has started ends with it.
 */
export async function runInMachine(
  machine: Machine,
  options: { readonly folder: string; readonly script: string; readonly work: string; readonly limitS: number },
): Promise<string> {
  const { folder, script, work, limitS } = options;
  const report = join(folder, `${script}.report`);
  const place = join(work, script);
  await mkdir(place, { recursive: true });
  const code = await shell(machine.boots ? booted() : inChroot());
  const text = await readFile(report, 'utf8').catch(() => '');
  if (!/^done$/m.test(text)) console.log(`${script} did not reach its end (exit code ${code})`);
  return text;

  /** systemd as the first process of a container, over a file system in memory that is gone afterwards. */
  function booted(): string {
    const unit = `[Unit]
After=basic.target
[Service]
Type=oneshot
StandardOutput=append:/debs/${script}.report
StandardError=append:/debs/${script}.report
ExecStart=/bin/bash /debs/${script} /debs
ExecStopPost=/bin/sh -c 'systemctl --no-block poweroff 2>/dev/null'
TimeoutStartSec=${limitS}
`;
    return `
${overlay()}
cat > root/etc/systemd/system/ballast-test.service <<'UNIT'
${unit}
UNIT
mkdir -p root/debs root/etc/systemd/system/multi-user.target.wants
ln -s ../ballast-test.service root/etc/systemd/system/multi-user.target.wants/
timeout -k 10 ${limitS + 100} systemd-nspawn -q -D root -M ballast-test-$$ --register=no --keep-unit --boot --console=pipe \\
  --bind=${folder}:/debs --bind=/sys/kernel/mm/ksm </dev/null >boot.log 2>&1
`;
  }

  function inChroot(): string {
    return `
${overlay()}
mkdir -p root/debs
mount --bind ${folder} root/debs
mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
mount --bind /sys/kernel/mm/ksm root/sys/kernel/mm/ksm
mount -t tmpfs tmpfs root/run
mount --bind /dev root/dev
timeout -k 10 ${limitS} chroot root /bin/bash /debs/${script} /debs > ${report} 2>&1
`;
  }

  function overlay(): string {
    return `set -e
cd ${place}
mkdir -p upper root
mount -t tmpfs tmpfs upper
mkdir upper/data upper/work
mount -t overlay -o lowerdir=${machine.files},upperdir=upper/data,workdir=upper/work overlay root`;
  }
}

/** In mount and process namespaces of its own: whatever is mounted or runs there is gone with it. */
async function shell(script: string): Promise<number | null> {
  const namespaces = ['--mount', '--propagation=private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const child = spawn('unshare', [...namespaces, 'bash', '-c', script], { stdio: 'inherit' });
  const stop = (): void => void child.kill('SIGTERM');
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  const [code] = (await once(child, 'close')) as [number | null];
  for (const signal of signals) process.off(signal, stop);
  return code;
}

/** Installs a program that is missing, if this machine is a Debian with packages. */
export async function canRun(program: string, from: string): Promise<boolean> {
  const places = ['/usr/bin', '/usr/sbin', '/bin'].map((folder) => isThere(join(folder, program)));
  if ((await Promise.all(places)).includes(true)) return true;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-y', '-q', 'install', '--no-install-recommends', from], { env, maxBuffer: 2 ** 26 }).then(
    () => true,
    () => false,
  );
}

/** Removes control groups that systemd-nspawn makes and leaves, but for those that were there before. */
export async function withoutNewGroups<T>(work: () => Promise<T>): Promise<T> {
  const groups = ['systemd', 'unified'].flatMap((name) =>
    ['payload', 'supervisor'].map((group) => `/sys/fs/cgroup/${name}/${group}`),
  );
  const foreign = new Set<string>();
  for (const path of groups) if (await isThere(path)) foreign.add(path);
  try {
    return await work();
  } finally {
    for (const path of groups) if (!foreign.has(path)) await removeGroups(path);
  }
}

async function removeGroups(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(path, entry.name));
  await rmdir(path).catch(() => undefined);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
