import type { PolicyScalar } from './control.ts';
import { NO_TIMERS, NO_TIMER_WRITES, updateTimers, withoutGuests, type Timers, type TimerWrites } from './timers.ts';

type Vars = ReadonlyMap<string, PolicyScalar>;

/** The policy's variables, written by `SetVar` and read by `GetVar`. */
interface Variables {
  readonly host: Vars;
  /** By the guest's uuid. */
  readonly guests: ReadonlyMap<string, Vars>;
}

/** State of the policy that survives a reload, but not a restart. */
export interface PolicyMemory extends Variables {
  /** State of the timed forms; separate from the variables, so that policies cannot access it. */
  readonly timers: Timers;
}

export const EMPTY_MEMORY: PolicyMemory = { host: new Map(), guests: new Map(), timers: NO_TIMERS };

/** The entries that one evaluation set. */
export interface MemoryWrites extends Variables {
  readonly timers: TimerWrites;
}

export const NO_WRITES: MemoryWrites = { host: new Map(), guests: new Map(), timers: NO_TIMER_WRITES };

/** The memory after an evaluation. Neither argument is changed. */
export function remember(memory: PolicyMemory, writes: MemoryWrites): PolicyMemory {
  const timers = updateTimers(memory.timers, writes.timers);
  if (writes.host.size === 0 && writes.guests.size === 0 && timers === memory.timers) return memory;
  const guests = new Map(memory.guests);
  for (const [uuid, vars] of writes.guests) guests.set(uuid, new Map([...(guests.get(uuid) ?? []), ...vars]));
  return { host: new Map([...memory.host, ...writes.host]), guests, timers };
}

/** Drops the state of guests that no longer exist. */
export function forgetGuests(memory: PolicyMemory, isDropped: (uuid: string) => boolean): PolicyMemory {
  const guests = withoutGuests(memory.guests, isDropped);
  const timers = withoutGuests(memory.timers.guests, isDropped);
  if (guests === memory.guests && timers === memory.timers.guests) return memory;
  return { host: memory.host, guests, timers: { ...memory.timers, guests: timers } };
}
