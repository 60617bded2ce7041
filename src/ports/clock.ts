/** The clock port. Implementations: the system clocks, and those of tests and benchmarks. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch; may go backwards. */
  readonly now: () => number;
  /** Milliseconds since an arbitrary time; never goes backwards. */
  readonly monotonic: () => number;
  /** Resolves after `ms` milliseconds, or immediately when the signal is aborted; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}
