import type { Config } from '../config/model.ts';
import { MAX_KEPT_SNAPSHOTS, snapshotsFor, type HistoryNeed } from '../model/history-need.ts';

/** A warning when a policy looks back further than any setting keeps samples; null: it does not. */
export function historyWarning(
  { historyNeed: { samples, seconds, position } }: { readonly historyNeed: HistoryNeed },
  { collectIntervalMs }: Pick<Config, 'collectIntervalMs'>,
): string | null {
  if (position === null || snapshotsFor({ samples, seconds, position }, collectIntervalMs) <= MAX_KEPT_SNAPSHOTS)
    return null;
  const place = `${position.file}:${position.line}:${position.column}`;
  const keptSeconds = Math.floor(((MAX_KEPT_SNAPSHOTS - 1) * collectIntervalMs) / 1000);
  const wanted = samples > MAX_KEPT_SNAPSHOTS ? `the last ${samples} samples` : `${seconds} s`;
  return (
    `${place}: this looks back on ${wanted}, but at most ${MAX_KEPT_SNAPSHOTS} samples are kept, ` +
    `${keptSeconds} s with the config's collect_interval; it sees only those`
  );
}
