/** What main makes of the process's signals. */
export interface Signals {
  /** Asked to leave. */
  readonly stop: AbortSignal;
  /** Asked to read the files anew. */
  onReload(listener: () => void): void;
  /** Whether another process still runs. */
  isAlive(pid: number): boolean;
}
