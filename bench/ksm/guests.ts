import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sizeKib } from './kernel.ts';

const PROGRAM = fileURLToPath(new URL('guest.py', import.meta.url));

export interface MemorySet {
  readonly guests: number;
  readonly guestMib: number;
  /** Of a guest's memory, the share that all have. */
  readonly imageShare: number;
  /** Of that, the share that is written to in a minute. */
  readonly writes: number;
  /** Seconds between two guests. */
  readonly everyS: number;
}

export interface BenchGuest {
  readonly name: string;
  readonly pid: number;
}

/** Processes with mergeable memory, which start one after the other, as guests boot. */
export class BenchGuests {
  readonly #running: (BenchGuest & { readonly process: ChildProcess })[] = [];

  /** @param started called for each one when it has its pid */
  async start(set: MemorySet, signal: AbortSignal, started: (guest: BenchGuest) => Promise<void>): Promise<void> {
    for (let n = 0; n < set.guests; n++) {
      const name = `guest-${n}`;
      const args = [PROGRAM, name, String(set.guestMib), String(set.imageShare), String(set.writes)];
      const process = spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(process, 'spawn', { signal });
      const guest = { name, pid: process.pid!, process };
      this.#running.push(guest);
      await started(guest);
      await Promise.all([once(process.stdout, 'data', { signal }), sleep(set.everyS * 1000, undefined, { signal })]);
    }
  }

  async residentKib(pid: number): Promise<number> {
    return sizeKib(`/proc/${pid}/status`, 'VmRSS');
  }

  get all(): readonly BenchGuest[] {
    return this.#running;
  }

  /** Pages of theirs that are merged now, KiB: what the page tables say. KSM's counters are as old as its last scan. */
  async mergedKib(): Promise<number> {
    const each = await Promise.all(this.#running.map(({ pid }) => sizeKib(`/proc/${pid}/smaps_rollup`, 'KSM')));
    return each.reduce((sum, kib) => sum + kib, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#running.splice(0).map(async ({ process }) => {
        if (process.exitCode !== null || process.signalCode !== null) return;
        process.kill('SIGKILL');
        await once(process, 'exit');
      }),
    );
  }
}
