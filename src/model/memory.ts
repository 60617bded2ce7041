import type { PolicyScalar } from './control.ts';

type Vars = ReadonlyMap<string, PolicyScalar>;

/** What `SetVar` has stored: kept from interval to interval and over a reload of the policy, not over a restart. */
export interface PolicyMemory {
  readonly host: Vars;
  /** By the guest's uuid. */
  readonly guests: ReadonlyMap<string, Vars>;
}

export const EMPTY_MEMORY: PolicyMemory = { host: new Map(), guests: new Map() };

/** What one evaluation wrote: only the entries that it set. */
export type MemoryWrites = PolicyMemory;

/** The memory after an evaluation. Neither argument is changed. */
export function remember(memory: PolicyMemory, writes: MemoryWrites): PolicyMemory {
  if (writes.host.size === 0 && writes.guests.size === 0) return memory;
  const guests = new Map(memory.guests);
  for (const [uuid, vars] of writes.guests) guests.set(uuid, new Map([...(guests.get(uuid) ?? []), ...vars]));
  return { host: new Map([...memory.host, ...writes.host]), guests };
}

/** Drops what was kept of guests that are gone for good. */
export function forgetGuests(memory: PolicyMemory, gone: (uuid: string) => boolean): PolicyMemory {
  const kept = [...memory.guests].filter(([uuid]) => !gone(uuid));
  return kept.length === memory.guests.size ? memory : { host: memory.host, guests: new Map(kept) };
}
