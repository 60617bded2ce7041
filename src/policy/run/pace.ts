import type { Timer } from '../../model/timers.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Loops } from './loops.ts';
import { WRITE_STEPS } from '../functions/writes.ts';
import { ENTRY_BYTES } from '../values/costs.ts';
import { asNumber, describe, type Value } from '../values/values.ts';

/**
 * Forms that depend on elapsed time. Their state has the lifetime of the policy's own variables: per guest (or for the host),
 * across reloads, until the daemon exits. It is rolled back when an error drops the decisions of a guest. It is stored
 * separately from the variables: a policy cannot read or change it.
 */
export interface Times {
  /** The time of the snapshot, milliseconds since the epoch. */
  readonly nowMs: number;
  /** The time of the previous evaluation; null if this is the first. */
  readonly beforeMs: number | null;
}

/** How early a timer may expire: half a second, at most a tenth of the time since the previous evaluation. */
const EARLY_MS = 500;
const EARLY_PART = 10;

/** A condition holds from the first evaluation in which it is true until one in which it is false or not evaluated. */
export function heldFor(
  machine: Loops,
  times: Times,
  key: Value,
  holds: boolean,
  duration: Value,
  site: number,
): boolean {
  if (typeof key !== 'string') return machine.fail(catalogue.textWanted('held-for', describe(key)), site);
  const needed = milliseconds(machine, 'held-for', duration, site);
  const name = `held-for ${key}`;
  const kept = machine.journal.timer(machine.current, name) ?? null;
  if (!holds) {
    if (kept !== null) keepTimer(machine, name, null, site);
    return false;
  }
  const { nowMs, beforeMs } = times;
  const { sinceMs, seenMs } = kept !== null && 'sinceMs' in kept ? kept : { sinceMs: nowMs, seenMs: nowMs };
  // After a gap, or if the clock was set back, it is unknown how long the condition has held.
  const unbroken = sinceMs <= nowMs && (seenMs === nowMs || seenMs === beforeMs);
  const from = unbroken ? sinceMs : nowMs;
  keepTimer(machine, name, { sinceMs: from, seenMs: nowMs }, site);
  return isOver(machine, times, nowMs - from, needed, site);
}

/** Whether the time since the last run has elapsed, or the clock was set back to before that run. */
export function isDue(machine: Loops, times: Times, key: string, duration: Value, site: number): boolean {
  const { nowMs } = times;
  const needed = milliseconds(machine, key.split(' ', 1)[0] as string, duration, site);
  const last = machine.journal.timer(machine.current, key) ?? null;
  if (last === null || !('ranMs' in last) || nowMs < last.ranMs) return true;
  return isOver(machine, times, nowMs - last.ranMs, needed, site);
}

/**
 * Stores a timer of the loop's guest, or of the host, for later evaluations. No effect after an error has dropped the
 * decisions of the entity.
 * @param timer null: the condition does not hold
 */
export function keepTimer(machine: Loops, name: string, timer: Timer | null, site: number): void {
  const { current, journal, limits } = machine;
  machine.step(WRITE_STEPS, site);
  if (journal.timer(current, name) === undefined && journal.hasTimers(current, limits.timersPerEntity))
    machine.fail(catalogue.timers(limits.timersPerEntity), site);
  if (!journal.hasRoomForTimer(current, name, limits.keptSize)) machine.fail(catalogue.keptSize(limits.keptSize), site);
  machine.take(ENTRY_BYTES + 2 * name.length, site);
  if (current.failedIn !== machine.file) journal.writeTimer(current, name, timer);
}

/** Evaluations can be slightly early: a timer that would expire just after this one must not wait for another interval. */
function isOver(
  machine: Loops,
  { nowMs, beforeMs }: Times,
  elapsedMs: number,
  neededMs: number,
  site: number,
): boolean {
  const interval = beforeMs === null ? 0 : Math.max(0, nowMs - beforeMs);
  if (elapsedMs + Math.min(interval / EARLY_PART, EARLY_MS) >= neededMs) return true;
  machine.tracer?.waits(site, elapsedMs);
  return false;
}

function milliseconds(machine: Loops, form: string, duration: Value, site: number): number {
  const seconds = asNumber(duration);
  if (seconds === undefined || !(seconds >= 0))
    return machine.fail(catalogue.badDuration(form, describe(duration)), site);
  return Number(seconds) * 1000;
}
