import { mkdir, mkdtemp, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../bed/command.ts';
import { bedPaths } from './bed-paths.ts';

/**
 * A host root for Ballast in which everything is this machine's own (processes, vmstat, KSM, libvirt's sockets) but /proc/meminfo,
 * which says what the test wants: host pressure without taking the host's memory.
 */
export class HostRoot {
  readonly path: string;
  readonly #meminfo: FileHandle;
  readonly #fields: Map<string, number>;

  private constructor(path: string, meminfo: FileHandle, fields: Map<string, number>) {
    this.path = path;
    this.#meminfo = meminfo;
    this.#fields = fields;
  }

  /** Begins with the real figures. */
  static async create(): Promise<HostRoot> {
    const path = await mkdtemp(join(bedPaths().temporary, 'host-root-'));
    // The bed has its own mount namespace: nobody else sees these, and they end with it.
    for (const name of ['proc', 'sys', 'run']) {
      await mkdir(join(path, name));
      await command('mount', ['--rbind', `/${name}`, join(path, name)]);
    }
    const source = `${path}.meminfo`;
    const meminfo = await open(source, 'w+');
    const text = await readFile('/proc/meminfo', 'utf8');
    const fields = new Map(
      [...text.matchAll(/^(\S+):\s+(\d+) kB$/gm)].map((match) => [match[1] ?? '', Number(match[2])]),
    );
    const root = new HostRoot(path, meminfo, fields);
    await root.setMeminfo({});
    await command('mount', ['--bind', source, join(path, 'proc/meminfo')]);
    return root;
  }

  /** MemFree as a part of MemTotal (0 to 1), nothing in buffers and caches, so that every way of counting free memory comes to this. */
  async setFree(ratio: number): Promise<void> {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`A ratio of free memory is between 0 and 1, not ${ratio}.`);
    const free = Math.round((this.#fields.get('MemTotal') ?? 0) * ratio);
    await this.setMeminfo({ MemFree: free, MemAvailable: free, Buffers: 0, Cached: 0, SReclaimable: 0 });
  }

  /** Sets some of the fields, KiB; the others stay as they are. */
  async setMeminfo(kib: Readonly<Record<string, number>>): Promise<void> {
    for (const [name, value] of Object.entries(kib)) this.#fields.set(name, value);
    const lines = [...this.#fields].map(
      ([name, value]) => `${`${name}:`.padEnd(20)}${String(value).padStart(12)} kB\n`,
    );
    // One write of an unchanging length to the same inode (it is the target of a mount): a reader never sees a part of the file.
    await this.#meminfo.write(lines.join(''), 0);
  }

  async close(): Promise<void> {
    await this.#meminfo.close();
    for (const name of ['run', 'sys', 'proc'])
      await command('umount', ['--recursive', '--lazy', join(this.path, name)]);
  }
}
