import type { PolicyScalar } from './control.ts';
import { NO_TIMERS, NO_TIMER_WRITES, updateTimers, withoutGuests, type Timers, type TimerWrites } from './timers.ts';

type Vars = ReadonlyMap<string, PolicyScalar>;

/** The policy's own variables: what `SetVar` has stored and `GetVar` reads. */
interface Variables {
  readonly host: Vars;
  /** By the guest's uuid. */
  readonly guests: ReadonlyMap<string, Vars>;
}

/** What is kept from interval to interval and over a reload of the policy, not over a restart. */
export interface PolicyMemory extends Variables {
  /** What the timed forms keep. Apart from the variables, so that no function of a policy reads or writes it. */
  readonly timers: Timers;
}

export const EMPTY_MEMORY: PolicyMemory = { host: new Map(), guests: new Map(), timers: NO_TIMERS };

/** What one evaluation wrote: only the entries that it set. */
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

/** Drops what was kept of guests that are gone for good. */
export function forgetGuests(memory: PolicyMemory, gone: (uuid: string) => boolean): PolicyMemory {
  const guests = withoutGuests(memory.guests, gone);
  const timers = withoutGuests(memory.timers.guests, gone);
  if (guests === memory.guests && timers === memory.timers.guests) return memory;
  return { host: memory.host, guests, timers: { ...memory.timers, guests: timers } };
}
