import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bedPaths } from './bed-paths.ts';
import { ControlLine, GuestRefused, GuestSilent } from './control-line.ts';
import { bareXml, guestXml, type GuestFiles, type GuestOptions } from './guest-xml.ts';
import { waitFor } from './poll.ts';
import { CommandError } from '../bed/command.ts';
import { virsh } from './virsh.ts';

/** All domains of the tests begin like this. */
export const GUEST_PREFIX = 'ballast-test-';

/** What a held page contains: zeros, noise of its own, or the same noise as in every other guest (for KSM). */
export type Content = 'zero' | 'random' | 'same';

const lines = new Set<ControlLine>();

/** A real guest: QEMU, a Linux kernel, and guest-init.sh, which does what a test says. */
export class Guest {
  /** The domain's name in libvirt. */
  readonly domain: string;
  readonly #files: GuestFiles;
  #control: ControlLine | null = null;

  private constructor(domain: string, files: GuestFiles) {
    this.domain = domain;
    this.#files = files;
  }

  /** Starts a transient domain; {@link waitBooted} before anything is asked of it. Clean-up is automatic, at the test file's end. */
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

  /** Starts several and waits until all are up. */
  static async startAll(all: readonly GuestOptions[]): Promise<Guest[]> {
    const guests = await Promise.all(all.map((options) => Guest.start(options)));
    await Promise.all(guests.map((guest) => guest.waitBooted()));
    return guests;
  }

  async waitBooted(): Promise<void> {
    await waitFor(`${this.domain} to boot`, 150_000, async () =>
      (await this.consoleLog()).includes('guest-init: ready'),
    );
    await this.command('ping');
  }

  /** A line for guest-init.sh; resolves to the lines it answers. */
  async command(line: string, limitMs = 120_000): Promise<string[]> {
    if (this.#control === null) {
      this.#control = new ControlLine(this.#files.controlSocket);
      lines.add(this.#control);
    }
    const panic = new AbortController();
    try {
      return await Promise.race([this.#control.ask(line, limitMs), this.#panic(panic.signal)]);
    } finally {
      panic.abort();
    }
  }

  /** Holds this much anonymous memory in all, in steps of 8 MiB; more or less than before. Rejects when the guest runs out of memory. */
  async fill(mib: number, content: Content = 'random'): Promise<void> {
    if (mib % 8 !== 0 || mib < 0) throw new RangeError(`fill takes multiples of 8 MiB, not ${mib}.`);
    await this.command(`fill ${mib} ${content}`);
  }

  /** Releases what {@link fill} holds. */
  async free(): Promise<void> {
    await this.command('free');
  }

  /** MiB that {@link fill} still holds: less than asked for when the guest's OOM killer had to act. */
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
   * Whether it answers within the time: false for one that hangs, was destroyed, or whose kernel panicked. Answering takes no memory: a guest that a
   * balloon has emptied still does. Whether it is of any use is for {@link fill} to tell.
   */
  async alive(limitMs = 20_000): Promise<boolean> {
    try {
      return (await this.command('ping', limitMs))[0] === 'pong';
    } catch (error) {
      if (error instanceof GuestRefused) throw error;
      return false;
    }
  }

  /** Whether the guest's kernel has panicked: it will never answer again. */
  async panicked(): Promise<boolean> {
    return (await this.consoleLog()).includes('Kernel panic');
  }

  /** What the guest's kernel wrote to its console, errors and worse: `Out of memory: Killed process` … */
  consoleLog(): Promise<string> {
    return readFile(this.#files.consoleLog, 'utf8');
  }

  /** Of its QEMU process. */
  async pid(): Promise<number> {
    return Number(await readFile(`/run/libvirt/qemu/${this.domain}.pid`, 'utf8'));
  }

  /** Stops the QEMU process as a whole: libvirt's calls about it hang from then on. */
  async sigstop(): Promise<void> {
    process.kill(await this.pid(), 'SIGSTOP');
  }

  async sigcont(): Promise<void> {
    process.kill(await this.pid(), 'SIGCONT');
  }

  /** `virsh dommemstat`: actual, unused, usable, rss, last_update …, KiB where it is memory. */
  async memoryStats(): Promise<ReadonlyMap<string, number>> {
    const text = await virsh('dommemstat', this.domain);
    return new Map(text.split('\n').map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])] as const));
  }

  /** Asks the balloon to bring the guest to this size; it gets there by and by. */
  async setMemory(kib: number): Promise<void> {
    await virsh('setmem', this.domain, String(kib), '--live');
  }

  /** Rejects when the guest's kernel panics: nobody needs to wait for the time limit then. */
  async #panic(signal: AbortSignal): Promise<never> {
    for (;;) {
      if (await this.panicked())
        throw new GuestSilent(`${this.domain}: ${/Kernel panic.*/.exec(await this.consoleLog())?.[0]}`);
      await sleep(500, undefined, { signal });
    }
  }

  /** Pulls the plug. */
  async destroy(): Promise<void> {
    this.#control?.close();
    await virsh('destroy', this.domain);
  }
}

/** Domains that cost little: created paused, with nothing to boot. Returns their names. About half a second each. */
export async function cheapPausedGuests(count: number, memoryMib = 16): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${GUEST_PREFIX}paused-${index + 1}`);
  await inTurns(names, async (domain) => {
    const xml = join(bedPaths().guests, `${domain}.xml`);
    await writeFile(xml, bareXml(domain, memoryMib));
    await create('--paused', xml);
  });
  return names;
}

/** Destroys and undefines all domains of the tests, whoever started them, also those whose QEMU a test has stopped or killed. */
export async function destroyAllGuests(): Promise<void> {
  for (const line of lines) line.close();
  lines.clear();
  await inTurns(await domains('--all'), async (domain) => {
    const pid = await readFile(`/run/libvirt/qemu/${domain}.pid`, 'utf8').catch(() => null);
    // A stopped process holds libvirt's job on the domain until it goes on.
    if (pid !== null && (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(domain))
      process.kill(Number(pid), 'SIGCONT');
    // Each may have happened by itself meanwhile; what counts is the look below.
    await virsh('destroy', domain).catch(() => {});
    await virsh('undefine', domain).catch(() => {});
  });
  const left = await domains('--all');
  if (left.length > 0) throw new Error(`libvirt still has ${left.join(', ')}`);
}

async function domains(...which: readonly string[]): Promise<string[]> {
  return (await virsh('list', '--name', ...which)).split('\n').filter((name) => name.startsWith(GUEST_PREFIX));
}

/** A few at a time: libvirtd serves five requests of a client at once, and QEMU's start keeps a CPU busy. */
async function inTurns<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one);
    }),
  );
}

/** How often libvirt is asked to start a guest while the kernel says that it should be asked again. */
const TRIES = 5;

/** Starts a guest. On a busy host the kernel now and then refuses the program for the guest's devices with "try again", which libvirt hands on. */
async function create(...args: readonly string[]): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
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
