/** State of a `held-for` whose condition holds. */
export interface HeldSpan {
  /** The first evaluation in which it held, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** The latest evaluation in which it held, milliseconds since the epoch. */
  readonly seenMs: number;
}

/** The latest run of the body of an `every` or `cooldown`. */
export interface LastRun {
  /** Milliseconds since the epoch. */
  readonly ranMs: number;
}

export type Timer = HeldSpan | LastRun;

/** The timers of the host or of one guest, by the name that the form derives from its text. */
export type TimerMap = ReadonlyMap<string, Timer>;

/** State of `held-for`, `every` and `cooldown` between evaluations. */
export interface Timers {
  /** The last evaluation of a program with such forms, milliseconds since the epoch; null: none yet. */
  readonly evaluatedMs: number | null;
  readonly host: TimerMap;
  /** By the guest's uuid. */
  readonly guests: ReadonlyMap<string, TimerMap>;
}

export const NO_TIMERS: Timers = { evaluatedMs: null, host: new Map(), guests: new Map() };

/** Timers that one evaluation set; null: the condition no longer holds. */
export type TimerChanges = ReadonlyMap<string, Timer | null>;

/** The entries that one evaluation set. */
export interface TimerWrites {
  /** null: the program has no timed forms. */
  readonly evaluatedMs: number | null;
  readonly host: TimerChanges;
  readonly guests: ReadonlyMap<string, TimerChanges>;
}

export const NO_TIMER_WRITES: TimerWrites = NO_TIMERS;

/** The timers after an evaluation; the same object when it wrote none. The arguments are not modified. */
export function updateTimers(timers: Timers, writes: TimerWrites): Timers {
  if (writes.evaluatedMs === null && writes.host.size === 0 && writes.guests.size === 0) return timers;
  const guests = new Map(timers.guests);
  for (const [uuid, changes] of writes.guests) guests.set(uuid, changed(guests.get(uuid), changes));
  return {
    evaluatedMs: writes.evaluatedMs ?? timers.evaluatedMs,
    host: changed(timers.host, writes.host),
    guests,
  };
}

function changed(timers: TimerMap = new Map(), changes: TimerChanges): TimerMap {
  const after = new Map(timers);
  for (const [name, timer] of changes) {
    if (timer === null) after.delete(name);
    else after.set(name, timer);
  }
  return after;
}

/** A map without the guests to drop; the same map when none is dropped. */
export function withoutGuests<T>(
  guests: ReadonlyMap<string, T>,
  isDropped: (uuid: string) => boolean,
): ReadonlyMap<string, T> {
  const kept = [...guests].filter(([uuid]) => !isDropped(uuid));
  return kept.length === guests.size ? guests : new Map(kept);
}
