import type { Config } from '../config/model.ts';
import type { IntervalReport } from '../model/interval-report.ts';

/**
 * Receives a report of each interval: the log and the recording are observers. The daemon calls all observers concurrently and
 * awaits them before the next interval, so an observer must limit its own waits. It reports its known failures itself. An
 * exception is a defect: it is logged, and the daemon and the other observers continue.
 */
export interface IntervalObserver {
  /** The observer's name in the log. */
  readonly name: string;
  /** Called once after each interval. */
  observe(report: IntervalReport): void | Promise<void>;
  /**
   * Called when a new configuration takes effect, before its first interval.
   * @param keptSnapshots the snapshots that the policy looks back on
   */
  reconfigure?(config: Config, keptSnapshots: number): void | Promise<void>;
  /** Called once, after the last interval. */
  close?(): void | Promise<void>;
}
