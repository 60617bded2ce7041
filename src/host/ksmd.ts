import type { Counters } from './counters.ts';
import type { Host } from '../ports/host.ts';
import { parseProcessStat, TICKS_PER_SECOND, type ProcessStat } from './process-stat.ts';

/** Parent of all kernel threads: excludes user programs named ksmd. */
const KTHREADD_PID = 2;

/** Time between searches that do not find ksmd: in a container, the host's kernel threads are invisible. */
const SEARCH_INTERVAL_MS = 600_000;

/** Number of processes that are read concurrently. */
const BATCH = 32;

/** Measures the CPU usage of ksmd. Its pid is searched once, in ascending order: it starts at boot. */
export class KsmdMonitor {
  readonly #host: Host;
  readonly #counters: Counters;
  #pid: number | null = null;
  #searchedMs = -Infinity;

  constructor(host: Host, counters: Counters) {
    this.#host = host;
    this.#counters = counters;
  }

  /** CPU usage since the last call, percent of one CPU; 0 in the first call; null when ksmd is not found. */
  async cpuPercent(now: () => number): Promise<number | null> {
    const stat = (await this.#stat(this.#pid)) ?? (await this.#search(now()));
    if (stat === null) return null;
    const gain = this.#counters.update(`ksmd ${stat.startTicks}`, stat.cpuTicks, now());
    return gain === null ? 0 : ((gain.gained / TICKS_PER_SECOND) * 1000 * 100) / gain.elapsedMs;
  }

  async #search(nowMs: number): Promise<ProcessStat | null> {
    this.#pid = null;
    if (Math.abs(nowMs - this.#searchedMs) < SEARCH_INTERVAL_MS) return null;
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

  /** null when this process is not ksmd (any more). */
  async #stat(pid: number | null): Promise<ProcessStat | null> {
    if (pid === null) return null;
    const path = `/proc/${pid}/stat`;
    const text = await this.#host.readText(path);
    if (text === null || !text.includes('(ksmd)')) return null;
    const stat = parseProcessStat(path, text);
    return stat.command === 'ksmd' && stat.parentPid === KTHREADD_PID ? stat : null;
  }
}
