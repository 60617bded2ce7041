/** Time as Ballast needs it. Implementations: the process's own clocks, and those of tests and benchmarks. */
export interface Clock {
  /** Milliseconds since the epoch. It can be set back. */
  readonly now: () => number;
  /** Milliseconds since some moment. It never goes back. */
  readonly monotonic: () => number;
  /** Resolves after that many milliseconds, or at once when the signal is aborted; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}
