import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeLibvirtd } from '../../test/support/fake-libvirtd.ts';
import type { BenchGuest, BenchGuests } from './guests.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** Free memory of the host, as the daemon sees it: ksmtuned's rules scan harder below 20 %. */
const FREE_SHARE = 0.15;

export interface BenchDaemon {
  readonly addGuest: (guest: BenchGuest, mib: number) => Promise<void>;
  /** Tells libvirt's clients how large the processes are now. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * `ballast run` with one policy, on the machine's own KSM and processes. Two things are not real: libvirtd, for which the processes are guests,
 * and how much memory the host has free.
 */
export async function startDaemon(
  folder: string,
  policy: string,
  guests: BenchGuests,
  ksmd: number,
): Promise<BenchDaemon> {
  const root = join(folder, 'root');
  const processes = join(root, 'proc');
  const pids = join(root, 'run/libvirt/qemu');
  for (const path of [processes, pids]) await mkdir(path, { recursive: true });
  await symlink('/sys', join(root, 'sys'));
  for (const name of ['vmstat', 'pressure', 'uptime', String(ksmd)])
    await symlink(`/proc/${name}`, join(processes, name));
  await writeFile(join(processes, 'meminfo'), await shortOfMemory());

  const socket = join(folder, 'libvirt.sock');
  const libvirtd = await startFakeLibvirtd({ socketPath: socket });
  const config = join(folder, 'ballast.yaml');
  const file = join(CHECKOUT, 'policies', `${policy}.policy`);
  await writeFile(
    config,
    [`host_root: ${root}`, `libvirt: {socket: ${socket}}`, `policy: ${file}`, 'controllers: [ksm]', ''].join('\n'),
  );
  const log = await open(join(folder, 'log'), 'w');
  const daemon = spawn(join(CHECKOUT, 'bin/ballast'), ['run', '-c', config], {
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(daemon, 'spawn');
  return {
    addGuest: async ({ name, pid }, mib) => {
      await symlink(`/proc/${pid}`, join(processes, String(pid)));
      await writeFile(join(pids, `${name}.pid`), String(pid));
      libvirtd.addGuest({ name, maximumKib: mib * 1024 }).rssKib = 0;
    },
    refresh: async () => {
      if (daemon.exitCode !== null)
        throw new Error(`the daemon has ended:\n${await readFile(join(folder, 'log'), 'utf8')}`);
      for (const { name, pid } of guests.all) libvirtd.guest(name).rssKib = await guests.residentKib(pid);
    },
    stop: async () => {
      if (daemon.exitCode === null) {
        daemon.kill('SIGTERM');
        await once(daemon, 'exit');
      }
      await log.close();
      await libvirtd.stop();
    },
  };
}

/** The machine's own meminfo, with less free memory. */
async function shortOfMemory(): Promise<string> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const total = Number(/^MemTotal:\s+(\d+)/m.exec(text)![1]);
  const free = Math.round(total * FREE_SHARE);
  const set: Readonly<Record<string, number>> = { MemFree: free, MemAvailable: free, Buffers: 0, Cached: 0 };
  return text.replace(/^(\w+):.*$/gm, (line, name: string) =>
    Object.hasOwn(set, name) ? `${name}: ${set[name]} kB` : line,
  );
}
