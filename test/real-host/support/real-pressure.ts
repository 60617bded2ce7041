import { readFile } from 'node:fs/promises';
import { type RunningProcess, start } from '../../support/process.ts';

/** Allocates memory in steps, prints `holding`, and exits when its standard input ends, so that it cannot outlive the test. */
const HOLDER = `
const held = [];
for (let left = Number(process.argv[1]); left > 0; left -= 64) held.push(Buffer.alloc(Math.min(left, 64) * 1048576, 1));
console.log('holding');
process.stdin.on('end', () => process.exit(held.length > 0 ? 0 : 1)).resume();
`;

/** Real memory pressure on this machine: a process that holds memory until {@link RealPressure.release}. */
export class RealPressure {
  readonly #process: RunningProcess;

  private constructor(process: RunningProcess) {
    this.#process = process;
  }

  /** Rejects if this is more than half of the available memory, so that other processes of the machine are not affected. */
  static async hold(mib: number): Promise<RealPressure> {
    const availableMib = Number(/^MemAvailable:\s+(\d+)/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]) / 1024;
    if (!(mib <= availableMib / 2))
      throw new RangeError(
        `${mib} MiB is more than half of the ${Math.floor(availableMib)} MiB that this machine has available.`,
      );
    const holder = start(process.execPath, ['--eval', HOLDER, String(mib)], { stdin: 'pipe' });
    await holder.waitForLine(/^holding$/, 120_000);
    return new RealPressure(holder);
  }

  /** The process that holds the memory. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves when the process is gone, and its memory with it. */
  async release(): Promise<void> {
    this.#process.endInput();
    await this.#process.exit;
  }
}
