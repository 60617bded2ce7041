import type { Counters } from './counters.ts';
import type { Host } from '../ports/host.ts';
import { parseProcessStat, TICKS_PER_SECOND, type ProcessStat } from './process-stat.ts';

/** Kernel threads are children of kthreadd: a program that calls itself ksmd is not taken for one. */
const KTHREADD_PID = 2;

/** How long a search that found no ksmd is good for: a container does not see the threads of its host. */
const SEARCH_AGAIN_AFTER_MS = 600_000;

/** How many processes are looked at side by side. */
const BATCH = 32;

/** Tells how busy KSM's kernel thread is. It is searched for once, in the order of pids: it starts with the host. */
export class KsmdClock {
  readonly #host: Host;
  readonly #counters: Counters;
  #pid: number | null = null;
  #searchedMs = -Infinity;

  constructor(host: Host, counters: Counters) {
    this.#host = host;
    this.#counters = counters;
  }

  /** In percent of one CPU since the last call, 0 at the first; null when there is no ksmd to be seen. */
  async cpuPercent(now: () => number): Promise<number | null> {
    const stat = (await this.#stat(this.#pid)) ?? (await this.#search(now()));
    if (stat === null) return null;
    const gain = this.#counters.look(`ksmd ${stat.startTicks}`, stat.cpuTicks, now());
    return gain === null ? 0 : ((gain.gained / TICKS_PER_SECOND) * 1000 * 100) / gain.elapsedMs;
  }

  async #search(nowMs: number): Promise<ProcessStat | null> {
    this.#pid = null;
    if (Math.abs(nowMs - this.#searchedMs) < SEARCH_AGAIN_AFTER_MS) return null;
    this.#searchedMs = nowMs;
    const names = (await this.#host.list('/proc')) ?? [];
    const pids = names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
    for (let start = 0; start < pids.length; start += BATCH) {
      const batch = pids.slice(start, start + BATCH);
      const stats = await Promise.all(batch.map((pid) => this.#stat(pid)));
      const index = stats.findIndex((stat) => stat !== null);
      if (index >= 0) {
        this.#pid = batch[index]!;
        return stats[index]!;
      }
    }
    return null;
  }

  /** null when that process is not ksmd (any more). */
  async #stat(pid: number | null): Promise<ProcessStat | null> {
    if (pid === null) return null;
    const path = `/proc/${pid}/stat`;
    const text = await this.#host.readText(path);
    if (text === null || !text.includes('(ksmd)')) return null;
    const stat = parseProcessStat(path, text);
    return stat.command === 'ksmd' && stat.parentPid === KTHREADD_PID ? stat : null;
  }
}
