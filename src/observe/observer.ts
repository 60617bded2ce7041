import type { Config } from '../config/model.ts';
import type { IntervalReport } from '../model/interval-report.ts';

/**
 * Is told what each interval did: the log and the recording are observers. The daemon tells all of them side by side, and waits for
 * them before the next interval: an observer that waits for something outside bounds that wait itself. Its known failures are its
 * own to report. What it throws is a defect, which is logged and changes nothing for the daemon and the other observers.
 */
export interface IntervalObserver {
  /** As the log calls it. */
  readonly name: string;
  /** Called once after each interval. */
  observe(report: IntervalReport): void | Promise<void>;
  /** Called when another configuration is in force, before its first interval. */
  reconfigure?(config: Config): void | Promise<void>;
  /** Called once when the daemon ends, after the last interval. */
  close?(): void | Promise<void>;
}
