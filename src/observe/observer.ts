import type { Config } from '../config/model.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { ShadowInterval } from '../model/shadow.ts';
import type { HypervisorEvent } from '../ports/hypervisor.ts';

/** A policy file as it was read. */
export interface PolicyText {
  readonly file: string;
  readonly text: string;
}

/**
 * Receives a report of each interval: the log and the recording are observers. The daemon calls all observers concurrently and
 * awaits them before the next interval, so an observer must limit its own waits. It reports its known failures itself. An
 * exception is a defect: it is logged, and the daemon and the other observers continue.
 */
export interface IntervalObserver {
  /** The observer's name in the log. */
  readonly name: string;
  /** What hinders it now, for the status of the daemon; null: nothing. */
  readonly trouble?: string | null;
  /** Called once after each interval. */
  observe(report: IntervalReport): void | Promise<void>;
  /** Called after {@link observe} with what a shadow would have decided; not while there is none. */
  compared?(shadow: ShadowInterval): void | Promise<void>;
  /** Called when intervals were left out because the one before took too long. */
  skipped?(count: number): void;
  /** Called with each event of the libvirt connection. */
  hypervisorEvent?(event: HypervisorEvent): void;
  /**
   * Called when a new configuration takes effect, before its first interval.
   * @param keptSnapshots the snapshots that the policy looks back on
   * @param policies the policy files in effect
   * @param shadow the files of the shadow; empty: there is none
   */
  reconfigure?(
    config: Config,
    keptSnapshots: number,
    policies: readonly PolicyText[],
    shadow: readonly PolicyText[],
  ): void | Promise<void>;
  /** Called once, after the last interval. */
  close?(): void | Promise<void>;
}
