import { catalogue } from '../messages/catalogue.ts';
import type { Loops } from './loops.ts';
import { remember } from '../functions/writes.ts';
import { asNumber, describe, isList, type Value } from '../values/values.ts';

/**
 * Forms that know how time passes. What they remember is kept like the policy's own variables: for each guest (or for the
 * host), over a reload, until the daemon ends, and taken back with everything else when an error costs a guest its decisions.
 */
export interface Times {
  /** The time of the snapshot, milliseconds since the epoch. */
  readonly nowMs: number;
  /** That of the evaluation before; null when this is the first. */
  readonly beforeMs: number | null;
}

/** How early a time may be over: half a second, and no more than a tenth of the time since the evaluation before. */
const EARLY_MS = 500;
const EARLY_PART = 10;

/** The variable of the host that says when the program was evaluated last. */
export const EVALUATED_AT = 'evaluated at';

/** A condition holds from the first evaluation that finds it true until one that finds it false, or that does not look. */
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
  const kept = machine.journal.variable(machine.current, name) ?? null;
  if (!holds) {
    if (kept !== null) remember(machine, machine.current, name, null, site);
    return false;
  }
  const { nowMs, beforeMs } = times;
  const [since, seen] = isList(kept) ? (kept as readonly number[]) : [nowMs, nowMs];
  // A gap, or a clock that was set back: nobody knows for how long the condition has held.
  const unbroken = since !== undefined && seen !== undefined && since <= nowMs && (seen === nowMs || seen === beforeMs);
  const from = unbroken ? since : nowMs;
  remember(machine, machine.current, name, [from, nowMs], site);
  return isOver(machine, times, nowMs - from, needed, site);
}

/** Whether the time since the last run is over. It is too when the clock was set back to before that run. */
export function isDue(machine: Loops, times: Times, key: string, duration: Value, site: number): boolean {
  const { nowMs } = times;
  const needed = milliseconds(machine, key.split(' ', 1)[0] as string, duration, site);
  const last = machine.journal.variable(machine.current, key);
  return typeof last !== 'number' || nowMs < last || isOver(machine, times, nowMs - last, needed, site);
}

/** Evaluations come a little early or late: what would be over by the next moment is over, and does not wait for another interval. */
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
