/** The signals of the process, as main.ts provides them. */
export interface Signals {
  /** Aborts on SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  /** Calls the listener on SIGHUP. */
  onReload(listener: () => void): void;
  /** Whether another process is still running. */
  isAlive(pid: number): boolean;
}
