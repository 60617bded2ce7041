import { access, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, CommandError } from './command.ts';
import { cacheDirectory } from './kernel.ts';
import { UnsuitableMachine } from './packages.ts';

/**
 * A small host within this machine: libvirt's guests are in the memory control group `machine`, so a limit of that group is the memory
 * that they share, and swap of this machine is what is behind it. Other programs do not swap, as the machine itself has free memory.
 */
export const GUESTS_CGROUP = '/sys/fs/cgroup/memory/machine';

/** Its memory.pressure is the pressure of the small host. The memory controller itself is in cgroup v1. */
export const GUESTS_PRESSURE = '/sys/fs/cgroup/unified/machine/memory.pressure';

/** What {@link restoreSmallHost} needs, in the bed: written before anything is changed. */
interface Note {
  /** Contains the swap of the host and of all guests. On a disk: the bed is in memory. */
  readonly directory: string;
  /** memory.limit_in_bytes as it was found. */
  readonly limit: string;
}

const noteFile = (bed: string): string => join(bed, 'small-host.json');

const LIMIT = join(GUESTS_CGROUP, 'memory.limit_in_bytes');

const TOTAL_LIMIT = join(GUESTS_CGROUP, 'memory.memsw.limit_in_bytes');

export interface SmallHostRequest {
  readonly swapMib: number;
  /** One disk for each guest. */
  readonly guests: number;
  readonly guestSwapMib: number;
}

/** Swaps on. @throws UnsuitableMachine without cgroup v1, PSI, or permission to swap */
export async function prepareSmallHost(bed: string, request: SmallHostRequest, signal: AbortSignal): Promise<void> {
  await requireKernel();
  const directory = join(cacheDirectory(), 'small-host');
  const note: Note = { directory, limit: (await readFile(LIMIT, 'utf8')).trim() };
  await writeFile(noteFile(bed), JSON.stringify(note));
  await mkdir(directory, { recursive: true });
  for (let index = 0; index < request.guests; index += 1) {
    const disk = guestSwapFile(directory, index);
    await writeFile(disk, '', { mode: 0o600 });
    await truncate(disk, request.guestSwapMib * 1024 * 1024);
  }
  const swap = hostSwapFile(directory);
  await writeFile(swap, '', { mode: 0o600 });
  try {
    await command('fallocate', ['-l', `${request.swapMib}MiB`, swap], { signal });
    await command('mkswap', [swap], { signal });
    await command('swapon', [swap], { signal });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new UnsuitableMachine(
      `The small host needs ${request.swapMib} MiB of swap in a file, on a file system for that:\n${error.message}`,
    );
  }
}

/** The directory of the disks, for the programs in the bed. */
export async function smallHostDirectory(bed: string): Promise<string> {
  return (JSON.parse(await readFile(noteFile(bed), 'utf8')) as Note).directory;
}

export function guestSwapFile(directory: string, index: number): string {
  return join(directory, `guest-${index + 1}.swap`);
}

function hostSwapFile(directory: string): string {
  return join(directory, 'host.swap');
}

/** Sets the memory of the small host; null: all that this machine has. */
export async function setSmallHostKib(kib: number | null): Promise<void> {
  await writeFile(LIMIT, kib === null ? '-1' : `${kib}K`);
}

/** Sets memory and swap of the small host together, so that it cannot swap; null: as much as there is. After {@link setSmallHostKib}. */
export async function setSmallHostTotalKib(kib: number | null): Promise<void> {
  await writeFile(TOTAL_LIMIT, kib === null ? '-1' : `${kib}K`);
}

/** Undoes {@link prepareSmallHost}, also that of a killed run. All guests must be gone: their memory leaves swap with them. */
export async function restoreSmallHost(bed: string): Promise<void> {
  const text = await readFile(noteFile(bed), 'utf8').catch(() => null);
  if (text === null) return;
  const { directory, limit } = JSON.parse(text) as Note;
  await setSmallHostTotalKib(null);
  // First, so that there is room for what is still in swap.
  await writeFile(LIMIT, limit);
  const swap = hostSwapFile(directory);
  if (isSwap(await readFile('/proc/swaps', 'utf8'), swap)) await command('swapoff', [swap]);
  await rm(directory, { recursive: true, force: true });
}

/** Whether a line of /proc/swaps is about this file. The kernel writes white space in octal. */
export function isSwap(swaps: string, file: string): boolean {
  return swaps
    .split('\n')
    .map((line) =>
      line.split(/\s/, 1)[0]?.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8))),
    )
    .includes(file);
}

async function requireKernel(): Promise<void> {
  // libvirt would create it with the first guest.
  for (const path of [LIMIT, TOTAL_LIMIT, GUESTS_PRESSURE]) {
    await mkdir(join(path, '..')).catch(() => {});
    await access(path).catch(() => {
      throw new UnsuitableMachine(
        `The small host needs ${path}: cgroup v1 with the memory controller, cgroup v2 beside it, and pressure stall information.`,
      );
    });
  }
}
