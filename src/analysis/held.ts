/** A reading holds until the next one, but no longer than so many intervals: after that, nothing is known. */
export const HOLDS_FOR = 3;

/**
 * How long a reading holds, milliseconds; 0: the clock was set back after it.
 * @param nextMs the time of the next one; null: it is the last, and holds for one interval
 */
export function heldMsOf(timeMs: number, nextMs: number | null, intervalMs: number): number {
  const untilMs = nextMs === null ? intervalMs : nextMs - timeMs;
  return Math.max(0, Math.min(untilMs, HOLDS_FOR * intervalMs));
}
