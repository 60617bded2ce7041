import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURE = fileURLToPath(new URL('../test/fixtures/hosts/linux-6.18', import.meta.url));
const FIRST_PID = 100_000;

/** A host root directory with copies of kernel files and a QEMU process for each guest. */
export class FakeHost {
  readonly root: string;
  #meminfo = '';

  constructor(root: string) {
    this.root = root;
  }

  /** Opens a host root that another process created. */
  static async at(root: string): Promise<FakeHost> {
    const host = new FakeHost(root);
    host.#meminfo = await readFile(join(root, 'proc/meminfo'), 'utf8');
    return host;
  }

  async create(guests: readonly string[]): Promise<void> {
    await cp(FIXTURE, this.root, { recursive: true });
    this.#meminfo = await readFile(join(this.root, 'proc/meminfo'), 'utf8');
    const qemu = join(FIXTURE, 'proc/8986');
    await mkdir(join(this.root, 'run/libvirt/qemu'), { recursive: true });
    for (const [index, name] of guests.entries()) {
      const pid = FIRST_PID + index;
      await cp(qemu, join(this.root, 'proc', String(pid)), { recursive: true });
      await writeFile(join(this.root, 'run/libvirt/qemu', `${name}.pid`), String(pid));
    }
  }

  /** @param share free memory as a share of the total, 0 to 1 */
  async setFree(share: number): Promise<void> {
    const total = Number(/^MemTotal:\s+(\d+)/m.exec(this.#meminfo)![1]);
    const set = (text: string, name: string, kib: number) =>
      text.replace(new RegExp(`^${name}:.*$`, 'm'), `${name}: ${Math.round(kib)} kB`);
    const text = [
      ['MemFree', total * share],
      ['Buffers', 0],
      ['Cached', 0],
    ] as const;
    await writeFile(
      join(this.root, 'proc/meminfo'),
      text.reduce((before, [name, kib]) => set(before, name, kib), this.#meminfo),
    );
  }
}
