import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import { dirname } from 'node:path';

// Other programs of the machine must not decide how fast a balloon moves or ksmd scans.

/** The CPU control group of libvirt's guests (cgroup v1). */
const SHARES = '/sys/fs/cgroup/cpu/machine/cpu.shares';
export const USUAL_SHARES = 1024;
export const MANY_SHARES = 200_000;

const PREFERRED = -10;
const EVERY_MS = 1000;

/** Sets how much of the CPUs guests get when other programs want them, too. */
export async function preferGuests(shares: number): Promise<void> {
  // libvirt would create it with the first guest.
  await mkdir(dirname(SHARES)).catch(() => {});
  await writeFile(SHARES, String(shares));
}

/** The kernel's ksmd: preferred, and its CPU time noted. Inside of the bed it is not visible. */
export class Ksmd {
  readonly #pid: number;
  readonly #priority: number;
  readonly #timer: NodeJS.Timeout;

  private constructor(pid: number, path: string) {
    this.#pid = pid;
    this.#priority = getPriority(pid);
    setPriority(pid, PREFERRED);
    this.#timer = setInterval(() => void this.#note(path), EVERY_MS);
  }

  /** @param path of a file, to which a line of JSON is added each second */
  static async watch(path: string): Promise<Ksmd> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
    const pid = pids[names.indexOf('ksmd\n')];
    if (pid === undefined) throw new Error('There is no ksmd: the kernel has no KSM.');
    return new Ksmd(Number(pid), path);
  }

  async #note(path: string): Promise<void> {
    const fields = (await readFile(`/proc/${this.#pid}/stat`, 'utf8')).split(' ');
    // utime and stime, in ticks of 10 ms.
    const cpuMs = (Number(fields[13]) + Number(fields[14])) * 10;
    await appendFile(path, `${JSON.stringify({ ms: Date.now(), cpuMs })}\n`);
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    setPriority(this.#pid, this.#priority);
  }
}
