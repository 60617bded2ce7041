import type { Host } from '../ports/host.ts';
import { parseProcessStat, type ProcessStat } from './process-stat.ts';

/**
 * Files that are read concurrently. More would not be faster (Node reads files in four threads), and starting a thousand
 * reads at once blocks the event loop.
 */
const CONCURRENCY = 32;

/** The processes read in one interval. */
class Readings {
  readonly #host: Host;
  readonly #found = new Map<number, Promise<ProcessStat | null>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  of(pid: number): Promise<ProcessStat | null> {
    let stat = this.#found.get(pid);
    if (stat === undefined) {
      stat = this.#read(pid);
      this.#found.set(pid, stat);
    }
    return stat;
  }

  async #read(pid: number): Promise<ProcessStat | null> {
    if (this.#running >= CONCURRENCY) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      const path = `/proc/${pid}/stat`;
      const text = await this.#host.readText(path);
      return text === null ? null : parseProcessStat(path, text);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

const intervals = new WeakMap<AbortSignal, WeakMap<Host, Readings>>();

/**
 * /proc/PID/stat of a process; null when it does not exist. Collectors that read the same process in the same interval
 * share the result.
 * @param interval the signal passed to the collector, which is unique to each interval
 * @throws HostFileError, HostFormatError
 */
export function processStat(host: Host, pid: number, interval: AbortSignal): Promise<ProcessStat | null> {
  let hosts = intervals.get(interval);
  if (hosts === undefined) intervals.set(interval, (hosts = new WeakMap()));
  let readings = hosts.get(host);
  if (readings === undefined) hosts.set(host, (readings = new Readings(host)));
  return readings.of(pid);
}
