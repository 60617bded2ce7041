import type { PolicyScalar } from './control.ts';
import type { Timer, TimerMap } from './timers.ts';

// Old recordings store timers among the policy's variables, under reserved names.

/** The host variable with the time of the last evaluation. */
const EVALUATED_AT = 'evaluated at';
/** The start of the text of an `every` or `cooldown`, then a checksum of the complete text. */
const RUN = /^(?:every|cooldown) .{0,17} [0-9a-f]{8}(?:-\d+)?$/s;

/** The timer stored in a variable; null: a condition that did not hold; undefined: an ordinary variable. */
export function oldTimer(name: string, value: PolicyScalar): Timer | null | undefined {
  if (name.startsWith('held-for ')) {
    if (value === null) return null;
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [sinceMs, seenMs] = value as readonly PolicyScalar[];
    return isTime(sinceMs) && isTime(seenMs) ? { sinceMs, seenMs } : undefined;
  }
  return isTime(value) && RUN.test(name) ? { ranMs: value } : undefined;
}

/** Separates the variables and the timers of one entity. */
export function splitOldVariables(stored: ReadonlyMap<string, PolicyScalar>): {
  readonly vars: ReadonlyMap<string, PolicyScalar>;
  readonly timers: TimerMap;
} {
  const vars = new Map<string, PolicyScalar>();
  const timers = new Map<string, Timer>();
  for (const [name, value] of stored) {
    const timer = oldTimer(name, value);
    if (timer === undefined) vars.set(name, value);
    else if (timer !== null) timers.set(name, timer);
  }
  return { vars, timers };
}

/** Separates the host's variables and the time of the last evaluation, null when absent. */
export function splitOldEvaluation(host: ReadonlyMap<string, PolicyScalar>): {
  readonly vars: ReadonlyMap<string, PolicyScalar>;
  readonly evaluatedMs: number | null;
} {
  const evaluatedMs = host.get(EVALUATED_AT);
  if (!isTime(evaluatedMs)) return { vars: host, evaluatedMs: null };
  return { vars: new Map([...host].filter(([name]) => name !== EVALUATED_AT)), evaluatedMs };
}

function isTime(value: PolicyScalar | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
