/** The counters of one report of a guest; null: not reported. */
export interface PainCounters {
  /** When the guest made its report, seconds since the epoch. */
  readonly reportS: number;
  readonly swapInKib: number | null;
  readonly majorFaults: number | null;
  readonly allocStalls: number | null;
  readonly oomKills: number | null;
}

/** Rates per second above which a guest is in pain. */
export interface PainLimits {
  /** KiB. */
  readonly swap_in: number;
  readonly major_faults: number;
  readonly alloc_stalls: number;
}

/** The defaults of the guard `pain`. */
export const PAIN_LIMITS: PainLimits = { swap_in: 256, major_faults: 500, alloc_stalls: 10 };

export interface PainSign {
  readonly kind: 'oom' | 'swap-in' | 'stalls' | 'faults';
  /** Processes killed since the report before; of the other kinds: KiB, allocations or faults per second. */
  readonly figure: number;
}

/** The sign of pain between two reports; null: none. Guests set these counters, so they may be anything. */
export function signOfPain(before: PainCounters, now: PainCounters, limits: PainLimits): PainSign | null {
  const seconds = now.reportS - before.reportS;
  // The same report again, or the guest's clock or counters have started anew.
  if (seconds <= 0) return null;
  const kills = gained(before.oomKills, now.oomKills);
  if (kills > 0) return { kind: 'oom', figure: kills };
  const swapInKib = gained(before.swapInKib, now.swapInKib) / seconds;
  if (swapInKib > limits.swap_in) return { kind: 'swap-in', figure: swapInKib };
  const stalls = gained(before.allocStalls, now.allocStalls) / seconds;
  if (stalls > limits.alloc_stalls) return { kind: 'stalls', figure: stalls };
  const faults = gained(before.majorFaults, now.majorFaults) / seconds;
  if (faults > limits.major_faults) return { kind: 'faults', figure: faults };
  return null;
}

function gained(from: number | null, to: number | null): number {
  return from === null || to === null ? 0 : Math.max(0, to - from);
}
