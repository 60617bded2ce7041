import type { HostSpec } from '../scenario/model.ts';

const GIB = 1024 ** 2;

/** What a host keeps for itself where nothing is known. */
export function usualReserveKib(memoryKib: number): number {
  return Math.floor(Math.min(2 * GIB, memoryKib * 0.05));
}

/**
 * The host of data that say nothing about it.
 * @param memoryKib as given; null: as much as all guests have together, and the reserve
 * @param inferred what is assumed is added to it
 */
export function assumedHost(memoryKib: number | null, guestsKib: number, inferred: string[]): HostSpec {
  const memory = memoryKib ?? Math.max(4 * GIB, Math.ceil(guestsKib / 0.95 / GIB) * GIB);
  const of =
    memoryKib === null ? `all guests together: ${Math.round(memory / GIB)} GiB (--memory gives another)` : 'as given';
  inferred.push(`host: its memory is ${of}; 8 GiB of swap, 16 CPUs, no other programs, KSM off`);
  return {
    ...{ memoryKib: memory, cpus: 16, reserveKib: usualReserveKib(memory), swapKib: 8 * GIB, swapSpeedKib: 200 * 1024 },
    filesKib: Math.floor(Math.min(4 * GIB, memory / 8)),
    other: { baseKib: 0, spread: 0, day: null, points: [], repeatS: 0, bursts: null, leakKib: 0 },
    arc: { minKib: 0, maxKib: 0 },
    ksm: { run: false, pagesToScan: 100, sleepMs: 20, mergeAcrossNodes: true },
    numa: null,
  };
}
