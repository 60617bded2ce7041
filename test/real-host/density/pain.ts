import { stalledSeconds } from './cgroup-memory.ts';
import type { GuestWork } from './demand.ts';

/** Counters of a kernel since its boot, of a guest or of the machine. */
export interface Counters {
  readonly swappedInPages: number;
  readonly swappedOutPages: number;
  readonly majorFaults: number;
  readonly oomKills: number;
  /** Seconds in which some tasks waited for memory. */
  readonly stalledS: number;
}

/** From lines of /proc/vmstat and of a memory pressure file. @throws Error for a counter that is missing */
export function parseCounters(lines: readonly string[]): Counters {
  const values = new Map(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])] as const));
  const counter = (name: string): number => {
    const value = values.get(name);
    if (value === undefined || !Number.isInteger(value)) throw new Error(`/proc/vmstat has no ${name}.`);
    return value;
  };
  return {
    swappedInPages: counter('pswpin'),
    swappedOutPages: counter('pswpout'),
    majorFaults: counter('pgmajfault'),
    oomKills: counter('oom_kill'),
    stalledS: stalledSeconds(lines.join('\n')),
  };
}

export function countersSince(before: Counters, now: Counters): Counters {
  return {
    swappedInPages: now.swappedInPages - before.swappedInPages,
    swappedOutPages: now.swappedOutPages - before.swappedOutPages,
    majorFaults: now.majorFaults - before.majorFaults,
    oomKills: now.oomKills - before.oomKills,
    stalledS: now.stalledS - before.stalledS,
  };
}

/** Of /proc/stat, ticks of 10 ms since the boot: user, nice, system, irq, softirq and steal, but neither idle nor iowait. */
const BUSY = [1, 2, 3, 6, 7, 8];

/**
 * CPU time that a control group did not use, seconds since the boot.
 * @param stat /proc/stat @param group its cpu.stat (cgroup v2) @throws Error when either is not as expected
 */
export function otherCpuSeconds(stat: string, group: string): number {
  const ticks = stat.split('\n', 1)[0]?.trim().split(/\s+/) ?? [];
  const all = BUSY.reduce((sum, at) => sum + Number(ticks[at]), 0) / 100;
  const other = all - Number(/^usage_usec (\d+)$/m.exec(group)?.[1]) / 1e6;
  if (ticks[0] !== 'cpu' || !Number.isFinite(other))
    throw new Error(`no CPU time in /proc/stat or cpu.stat: ${ticks.join(' ')}, ${group.trim()}`);
  return other;
}

/** Pages of x86-64, KiB. */
const PAGE_KIB = 4;

export function pagesToMib(pages: number): number {
  return (pages * PAGE_KIB) / 1024;
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Seconds that all guests together needed for their steps more than on a roomy host, where they executed the same plan. A guest
 * that does not answer any more is compared for the steps that it finished.
 */
export function lostSeconds(works: readonly GuestWork[], roomy: readonly GuestWork[]): number {
  let lostMs = 0;
  for (const [index, { stepMs }] of works.entries()) {
    const usual = roomy[index]?.stepMs ?? [];
    if (usual.length < stepMs.length)
      throw new RangeError(`Guest ${index + 1} has finished only ${usual.length} steps on the roomy host.`);
    for (const [step, ms] of stepMs.entries()) lostMs += ms - (usual[step] ?? 0);
  }
  return lostMs / 1000;
}

/** Seconds that all steps took. */
export function stepSeconds(works: readonly GuestWork[]): number {
  return works.reduce((sum, { stepMs }) => sum + stepMs.reduce((all, ms) => all + ms, 0), 0) / 1000;
}
