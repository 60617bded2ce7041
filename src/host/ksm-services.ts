import { HostFileError, type Host } from '../ports/host.ts';

/** Services that write KSM settings: of ksmtuned, of MOM, and of MOM under vdsm. */
const SERVICES = ['ksmtuned', 'momd', 'mom-vdsm'] as const;

/** Where systemd keeps the control groups of services: cgroup v2, and v1. */
const SLICES = ['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice'] as const;

/** Time for which an answer holds: services rarely start, milliseconds. */
const HOLDS_MS = 60_000;

/**
 * Finds running services that write KSM settings by their control groups: a few files, however many processes the host
 * has. A script or a program that was started by hand is not found.
 */
export class KsmServices {
  readonly #host: Host;
  #names: string | null = null;
  #askedMs = -Infinity;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Their names, separated by spaces; empty: none was found; null: a file could not be read, as of a service that just ends. */
  async running(nowMs: number): Promise<string | null> {
    if (Math.abs(nowMs - this.#askedMs) < HOLDS_MS) return this.#names;
    this.#askedMs = nowMs;
    try {
      const found = await Promise.all(SERVICES.map(async (name) => ((await this.#runs(name)) ? [name] : [])));
      this.#names = found.flat().join(' ');
    } catch (error) {
      if (!(error instanceof HostFileError)) throw error;
      this.#names = null;
    }
    return this.#names;
  }

  async #runs(name: string): Promise<boolean> {
    const groups = await Promise.all(
      SLICES.map((slice) => this.#host.readText(`${slice}/${name}.service/cgroup.procs`)),
    );
    return groups.some((processes) => processes !== null && processes.trim() !== '');
  }
}
