import { mkdir, mkdtemp, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../bed/command.ts';
import { bedPaths } from './bed-paths.ts';

/** Readers never see a partial file: each write has this length. */
const REPLACED_BYTES = 1024;

/**
 * A host root with the real files of this machine (processes, vmstat, KSM, libvirt's sockets), except for /proc/meminfo, which the
 * test controls: host pressure without using the host's memory. {@link replaceFile} replaces others.
 */
export class HostRoot {
  readonly path: string;
  readonly #meminfo: FileHandle;
  readonly #fields: Map<string, number>;
  readonly #replaced = new Map<string, FileHandle>();

  private constructor(path: string, meminfo: FileHandle, fields: Map<string, number>) {
    this.path = path;
    this.#meminfo = meminfo;
    this.#fields = fields;
  }

  /** Initially contains the real meminfo. */
  static async create(): Promise<HostRoot> {
    const path = await mkdtemp(join(bedPaths().temporary, 'host-root-'));
    // Visible only in the bed's mount namespace, and removed with it.
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

  /** Sets MemFree as a share of MemTotal (0 to 1), with empty buffers and caches, so that all definitions of free memory agree. */
  async setFree(ratio: number): Promise<void> {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`A ratio of free memory is between 0 and 1, not ${ratio}.`);
    const free = Math.round((this.#fields.get('MemTotal') ?? 0) * ratio);
    await this.setMeminfo({ MemFree: free, MemAvailable: free, Buffers: 0, Cached: 0, SReclaimable: 0 });
  }

  /** Sets the given fields, KiB; the others are unchanged. */
  async setMeminfo(kib: Readonly<Record<string, number>>): Promise<void> {
    for (const [name, value] of Object.entries(kib)) this.#fields.set(name, value);
    const lines = [...this.#fields].map(
      ([name, value]) => `${`${name}:`.padEnd(20)}${String(value).padStart(12)} kB\n`,
    );
    // One write of constant length to the same inode (the source of a bind mount), so that readers never see a partial file.
    await this.#meminfo.write(lines.join(''), 0);
  }

  /** Replaces a file below the root, such as `proc/pressure/memory`, now and with each further call. The text ends in spaces. */
  async replaceFile(name: string, text: string): Promise<void> {
    if (Buffer.byteLength(text) > REPLACED_BYTES)
      throw new RangeError(`${name} takes ${REPLACED_BYTES} bytes at most.`);
    let file = this.#replaced.get(name);
    const isNew = file === undefined;
    const source = `${this.path}.${name.replaceAll('/', '-')}`;
    file ??= await open(source, 'w+');
    this.#replaced.set(name, file);
    await file.write(text.padEnd(REPLACED_BYTES), 0);
    if (isNew) await command('mount', ['--bind', source, join(this.path, name)]);
  }

  async close(): Promise<void> {
    for (const file of [this.#meminfo, ...this.#replaced.values()]) await file.close();
    for (const name of ['run', 'sys', 'proc'])
      await command('umount', ['--recursive', '--lazy', join(this.path, name)]);
  }
}
