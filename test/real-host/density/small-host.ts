import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUESTS_CGROUP, GUESTS_PRESSURE, setSmallHostKib } from '../bed/small-host.ts';
import { HostRoot } from '../support/host-root.ts';
import { hostMeminfo, parseCgroupMemory, takenKib, type CgroupMemory } from './cgroup-memory.ts';
import { countersSince, otherCpuSeconds, parseCounters, type Counters } from './pain.ts';

/** The CPU time of all guests: cgroup v2 counts it without its CPU controller, too. */
const GUESTS_CPU = '/sys/fs/cgroup/unified/machine/cpu.stat';

const WRITE_EVERY_MS = 500;

/** What the host did since {@link SmallHost.begin}. */
export interface HostWork extends Counters {
  /** CPU time of the machine that guests did not use, seconds: Ballast, the kernel's swapping, other programs, other machines. */
  readonly otherCpuS: number;
  /** The most that the guests took at any time, in memory and swap, KiB. */
  readonly mostTakenKib: number;
}

interface Begin {
  readonly counters: Counters;
  readonly otherCpuS: number;
}

/** The guests' memory control group as a host: a limit, and a host root that shows it to the daemon, twice a second. */
export class SmallHost {
  readonly #root: HostRoot;
  readonly #swapTotalKib: number;
  readonly #stop = new AbortController();
  readonly #writer: Promise<void>;
  #limitKib: number;
  #mostTakenKib = 0;
  #begin: Begin | null = null;

  private constructor(root: HostRoot, swapTotalKib: number, allKib: number) {
    this.#root = root;
    this.#swapTotalKib = swapTotalKib;
    this.#limitKib = allKib;
    this.#writer = this.#write();
    // Reported by `close`.
    this.#writer.catch(() => {});
  }

  static async create(): Promise<SmallHost> {
    const meminfo = await readFile('/proc/meminfo', 'utf8');
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1]);
    const root = await HostRoot.create();
    await root.replaceFile('proc/pressure/memory', await readFile(GUESTS_PRESSURE, 'utf8'));
    return new SmallHost(root, kib('SwapTotal'), kib('MemTotal'));
  }

  /** The daemon's `host_root`. */
  get root(): string {
    return this.#root.path;
  }

  /** Its memory, KiB. */
  get kib(): number {
    return this.#limitKib;
  }

  /** Sets the memory of the host; null: roomy, with all that the machine has. */
  async setKib(limitKib: number | null): Promise<void> {
    await setSmallHostKib(limitKib);
    if (limitKib !== null) this.#limitKib = limitKib;
    await this.#update();
  }

  /** Starts counting what {@link end} returns. */
  async begin(): Promise<void> {
    this.#mostTakenKib = 0;
    this.#begin = await now();
  }

  async end(): Promise<HostWork> {
    if (this.#begin === null) throw new Error('The host has not begun to count.');
    const { counters, otherCpuS } = await now();
    return {
      ...countersSince(this.#begin.counters, counters),
      otherCpuS: otherCpuS - this.#begin.otherCpuS,
      mostTakenKib: this.#mostTakenKib,
    };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#writer;
    await this.#root.close();
  }

  async #write(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#update();
      await sleep(WRITE_EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #update(): Promise<void> {
    const memory = await readMemory();
    this.#mostTakenKib = Math.max(this.#mostTakenKib, takenKib(memory));
    await this.#root.setMeminfo(hostMeminfo(memory, this.#limitKib, this.#swapTotalKib));
    await this.#root.replaceFile('proc/pressure/memory', await readFile(GUESTS_PRESSURE, 'utf8'));
  }
}

async function readMemory(): Promise<CgroupMemory> {
  const [usage, stat] = await Promise.all(
    ['memory.usage_in_bytes', 'memory.stat'].map((name) => readFile(join(GUESTS_CGROUP, name), 'utf8')),
  );
  return parseCgroupMemory(usage ?? '', stat ?? '');
}

/** Only the small host swaps on this machine, so the machine's counters are its own. */
async function now(): Promise<Begin> {
  const paths = ['/proc/vmstat', GUESTS_PRESSURE, '/proc/stat', GUESTS_CPU];
  const [vmstat = '', pressure = '', stat = '', guests = ''] = await Promise.all(
    paths.map((path) => readFile(path, 'utf8')),
  );
  return {
    counters: parseCounters([...vmstat.split('\n'), ...pressure.split('\n')]),
    otherCpuS: otherCpuSeconds(stat, guests),
  };
}
