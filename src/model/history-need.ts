import type { SourcePosition } from './control.ts';

/** How far back a policy looks with `:last N` and `:over DURATION`, as far as its text shows. */
export interface HistoryNeed {
  /** Samples, 0: no `:last`. */
  readonly samples: number;
  /** Seconds, 0: no `:over`. */
  readonly seconds: number;
  /** The place of the longest `:over`, or of the largest `:last` without one; null: neither. */
  readonly position: SourcePosition | null;
}

export const NO_HISTORY_NEED: HistoryNeed = { samples: 0, seconds: 0, position: null };

/** Snapshots kept at most, whatever a policy asks for: with 1,000 guests they take about 1 GB. */
export const MAX_KEPT_SNAPSHOTS = 1000;

/** The snapshots that the windows of a policy cover. */
export function snapshotsFor({ samples, seconds }: HistoryNeed, collectIntervalMs: number): number {
  return Math.max(samples, seconds > 0 ? Math.ceil((seconds * 1000) / collectIntervalMs) + 1 : 0);
}

/** The snapshots to keep: as configured, or as many more as the policy needs. @param history the config key */
export function keptSnapshots(need: HistoryNeed, history: number, collectIntervalMs: number): number {
  return Math.min(MAX_KEPT_SNAPSHOTS, Math.max(history, snapshotsFor(need, collectIntervalMs)));
}
