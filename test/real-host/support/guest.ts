import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bedPaths } from './bed-paths.ts';
import { ControlLine, GuestRefused, GuestSilent } from './control-line.ts';
import { bareXml, guestXml, type BareOptions, type GuestFiles, type GuestOptions } from './guest-xml.ts';
import { waitFor } from './poll.ts';
import { CommandError } from '../bed/command.ts';
import { virsh } from './virsh.ts';

/** The prefix of all domain names of the tests. */
export const GUEST_PREFIX = 'ballast-test-';

/** The content of filled pages: zeros, random bytes, or the same random bytes in every guest (for KSM). */
export type Content = 'zero' | 'random' | 'same';

const lines = new Set<ControlLine>();

/** A real guest: QEMU, a Linux kernel, and guest-init.sh, which executes commands of the test. */
export class Guest {
  /** The domain's name in libvirt. */
  readonly domain: string;
  readonly #files: GuestFiles;
  #control: ControlLine | null = null;

  private constructor(domain: string, files: GuestFiles) {
    this.domain = domain;
    this.#files = files;
  }

  /** Starts a transient domain. Call {@link waitBooted} before sending commands. It is destroyed automatically after the test file. */
  static async start(options: GuestOptions): Promise<Guest> {
    const domain = GUEST_PREFIX + options.name;
    const directory = join(bedPaths().guests, domain);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const files = { consoleLog: join(directory, 'console.log'), controlSocket: join(directory, 'control.sock') };
    await writeFile(files.consoleLog, '');
    const xml = join(directory, 'domain.xml');
    await writeFile(xml, guestXml(domain, options, files));
    await create(xml);
    return new Guest(domain, files);
  }

  /** Starts several guests and waits until all have booted. */
  static async startAll(all: readonly GuestOptions[]): Promise<Guest[]> {
    const guests = await Promise.all(all.map((options) => Guest.start(options)));
    await Promise.all(guests.map((guest) => guest.waitBooted()));
    return guests;
  }

  async waitBooted(): Promise<void> {
    await waitFor(`${this.domain} to boot`, 300_000, async () =>
      (await this.consoleLog()).includes('guest-init: ready'),
    );
    await this.command('ping');
  }

  /** Sends a command to guest-init.sh and resolves to the lines of its reply. */
  async command(line: string, limitMs = 120_000): Promise<string[]> {
    if (this.#control === null) {
      this.#control = new ControlLine(this.#files.controlSocket);
      lines.add(this.#control);
    }
    const panic = new AbortController();
    try {
      return await Promise.race([this.#control.send(line, limitMs), this.#panic(panic.signal)]);
    } finally {
      panic.abort();
    }
  }

  /** Sets the total of anonymous memory that the guest holds, in multiples of 8 MiB. Rejects if the guest runs out of memory. */
  async fill(mib: number, content: Content = 'random'): Promise<void> {
    if (mib % 8 !== 0 || mib < 0) throw new RangeError(`fill takes multiples of 8 MiB, not ${mib}.`);
    await this.command(`fill ${mib} ${content}`);
  }

  /** Releases the memory of {@link fill}. */
  async free(): Promise<void> {
    await this.command('free');
  }

  /** MiB that {@link fill} still holds: less than requested after the guest's OOM killer ran. */
  async heldMib(): Promise<number> {
    return Number((await this.command('held'))[0]);
  }

  /** The guest's own /proc/meminfo, KiB. */
  async meminfo(): Promise<ReadonlyMap<string, number>> {
    const entries = (await this.command('memory')).map((line) => /^(\S+):\s+(\d+)/.exec(line));
    return new Map(entries.flatMap((match) => (match === null ? [] : [[match[1] ?? '', Number(match[2])] as const])));
  }

  /** Seconds since the guest's kernel started. */
  async uptime(): Promise<number> {
    return Number((await this.command('uptime'))[0]);
  }

  /**
   * Whether the guest replies in time: false if it hangs, was destroyed, or its kernel panicked. Replying needs no memory, so a guest
   * with a full balloon still replies; {@link fill} shows whether it is usable.
   */
  async alive(limitMs = 20_000): Promise<boolean> {
    try {
      return (await this.command('ping', limitMs))[0] === 'pong';
    } catch (error) {
      if (error instanceof GuestRefused) throw error;
      return false;
    }
  }

  /** Whether the guest's kernel has panicked. */
  async panicked(): Promise<boolean> {
    return (await this.consoleLog()).includes('Kernel panic');
  }

  /** Kernel messages on the guest's console, level error and above: `Out of memory: Killed process` … */
  consoleLog(): Promise<string> {
    return readFile(this.#files.consoleLog, 'utf8');
  }

  /** The process id of QEMU. */
  async pid(): Promise<number> {
    return Number(await readFile(`/run/libvirt/qemu/${this.domain}.pid`, 'utf8'));
  }

  /** Stops the QEMU process, so that libvirt calls for this guest hang. */
  async sigstop(): Promise<void> {
    process.kill(await this.pid(), 'SIGSTOP');
  }

  async sigcont(): Promise<void> {
    process.kill(await this.pid(), 'SIGCONT');
  }

  /** `virsh dommemstat`: actual, unused, usable, rss, last_update …; memory in KiB. */
  async memoryStats(): Promise<ReadonlyMap<string, number>> {
    const text = await virsh('dommemstat', this.domain);
    return new Map(text.split('\n').map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])] as const));
  }

  /** Sets the balloon target; the guest reaches it gradually. */
  async setMemory(kib: number): Promise<void> {
    await virsh('setmem', this.domain, String(kib), '--live');
  }

  /** Rejects when the guest's kernel panics, so that callers need not wait for the time limit. */
  async #panic(signal: AbortSignal): Promise<never> {
    for (;;) {
      if (await this.panicked())
        throw new GuestSilent(`${this.domain}: ${/Kernel panic.*/.exec(await this.consoleLog())?.[0]}`);
      await sleep(500, undefined, { signal });
    }
  }

  /** Destroys the domain. */
  async destroy(): Promise<void> {
    this.#control?.close();
    await virsh('destroy', this.domain);
  }
}

/** Starts cheap domains: paused, without a boot device. Returns their names. Takes about half a second each. */
export async function cheapPausedGuests(count: number, memoryMib = 16): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${GUEST_PREFIX}paused-${index + 1}`);
  await forEachLimited(names, async (domain) => {
    const xml = join(bedPaths().guests, `${domain}.xml`);
    await writeFile(xml, bareXml(domain, memoryMib));
    await create('--paused', xml);
  });
  return names;
}

/** Starts one paused domain without a boot device. Returns its name. */
export async function pausedGuest(name: string, memoryMib: number, options: BareOptions): Promise<string> {
  const domain = GUEST_PREFIX + name;
  const xml = join(bedPaths().guests, `${domain}.xml`);
  await mkdir(bedPaths().guests, { recursive: true });
  await writeFile(xml, bareXml(domain, memoryMib, options));
  await create('--paused', xml);
  return domain;
}

/** Destroys and undefines all domains of the tests, including those of other test files and those whose QEMU was stopped or killed. */
export async function destroyAllGuests(): Promise<void> {
  for (const line of lines) line.close();
  lines.clear();
  await forEachLimited(await domains('--all'), async (domain) => {
    const pid = await readFile(`/run/libvirt/qemu/${domain}.pid`, 'utf8').catch(() => null);
    // A stopped process blocks libvirt's job lock on the domain until it resumes.
    if (pid !== null && (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(domain))
      process.kill(Number(pid), 'SIGCONT');
    // Errors are ignored: the domain may be gone already. The check below decides.
    await virsh('destroy', domain).catch(() => {});
    await virsh('undefine', domain).catch(() => {});
  });
  const left = await domains('--all');
  if (left.length > 0) throw new Error(`libvirt still has ${left.join(', ')}`);
}

async function domains(...which: readonly string[]): Promise<string[]> {
  return (await virsh('list', '--name', ...which)).split('\n').filter((name) => name.startsWith(GUEST_PREFIX));
}

/** At most four at a time: libvirtd handles five concurrent requests of a client, and starting QEMU needs CPU time. */
async function forEachLimited<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}

/** Maximum attempts to start a guest while the kernel returns EAGAIN. */
const MAX_ATTEMPTS = 5;

/** Starts a guest. On a busy host, loading the BPF program for the guest's devices can fail with EAGAIN, which libvirt reports. */
async function create(...args: readonly string[]): Promise<void> {
  for (let left = MAX_ATTEMPTS; ; left -= 1) {
    try {
      await virsh('create', ...args);
      return;
    } catch (error) {
      if (
        left === 1 ||
        !(error instanceof CommandError) ||
        !error.output.includes('BPF prog: Resource temporarily unavailable')
      )
        throw error;
    }
  }
}
