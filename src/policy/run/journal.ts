import type { PolicyScalar } from '../../model/control.ts';
import { NO_WRITES, type MemoryWrites, type PolicyMemory } from '../../model/memory.ts';
import type { Timer, TimerChanges, TimerMap } from '../../model/timers.ts';
import type { Entity } from '../values/entity.ts';
import { storedSize } from '../values/stored-size.ts';
import type { Requested, RequestOrigin } from '../values/requested.ts';

/** One `Control` call. */
export interface Request extends Requested {
  readonly entity: Entity;
}

interface Write {
  readonly entity: Entity;
  /** The variables or timers of the entity written by this evaluation. */
  readonly written: Map<string, unknown>;
  readonly name: string;
  /** The value of an earlier write in this evaluation; undefined if there was none. */
  readonly previous: unknown;
  /** By how much it changed the size of all that is kept. */
  readonly growth: number;
}

/** A point to roll back to. */
export interface Mark {
  readonly requests: number;
  readonly writes: number;
}

/** All requests and writes of one evaluation in order, so that an error can undo exactly its part. */
export class Journal {
  readonly #memory: PolicyMemory;
  readonly #requests: Request[] = [];
  readonly #writes: Write[] = [];
  /** Some request may be superseded by a later one. */
  #repeated = false;
  #dropped = false;
  /** Values and UTF-16 units of all variables and timers; null until something large is written. Small ones do not count. */
  #keptSize: number | null = null;

  constructor(memory: PolicyMemory) {
    this.#memory = memory;
  }

  get requestCount(): number {
    return this.#requests.length;
  }

  get writeCount(): number {
    return this.#writes.length;
  }

  mark(): Mark {
    return { requests: this.requestCount, writes: this.writeCount };
  }

  request(entity: Entity, name: string, value: PolicyScalar, origin: RequestOrigin): void {
    const request: Request = { entity, name, value, origin, previous: entity.lastRequest, live: true };
    if (!this.#repeated) this.#repeated = mayRepeat(request);
    entity.lastRequest = request;
    this.#requests.push(request);
  }

  variable(entity: Entity, name: string): PolicyScalar | undefined {
    // nil can be stored: it overrides the previous value.
    const written = entity.written?.get(name);
    return written === undefined ? this.#storedVariables(entity)?.get(name) : written;
  }

  /** null or undefined: not set. */
  timer(entity: Entity, name: string): Timer | null | undefined {
    const written = entity.writtenTimers?.get(name);
    return written === undefined ? this.#storedTimers(entity)?.get(name) : written;
  }

  /** When a program with timed forms was last evaluated, milliseconds since the epoch; null: never. */
  get evaluatedMs(): number | null {
    return this.#memory.timers.evaluatedMs;
  }

  /** Whether the entity has at least this many variables. */
  hasVariables(entity: Entity, count: number): boolean {
    return hasNames(this.#storedVariables(entity), entity.written, count);
  }

  /** Whether the entity has at least this many timers. */
  hasTimers(entity: Entity, count: number): boolean {
    return hasNames(this.#storedTimers(entity), entity.writtenTimers, count);
  }

  /** Whether a variable fits beside all others, in values and UTF-16 units. */
  hasRoomFor(entity: Entity, name: string, value: PolicyScalar, limit: number): boolean {
    const size = sizeOf(name, value);
    if (size === 0) return true;
    this.#keptSize ??= memorySize(this.#memory);
    return this.#keptSize + size - sizeOf(name, this.variable(entity, name)) <= limit;
  }

  hasRoomForTimer(entity: Entity, name: string, limit: number): boolean {
    return this.timer(entity, name) !== undefined || this.hasRoomFor(entity, name, TIMER, limit);
  }

  write(entity: Entity, name: string, value: PolicyScalar): void {
    entity.written ??= new Map();
    this.#write(entity, entity.written, name, value, sizeOf(name, value) - sizeOf(name, this.variable(entity, name)));
  }

  writeTimer(entity: Entity, name: string, timer: Timer | null): void {
    entity.writtenTimers ??= new Map();
    const growth = this.timer(entity, name) === undefined ? sizeOf(name, TIMER) : 0;
    this.#write(entity, entity.writtenTimers, name, timer, growth);
  }

  /** Undoes everything after the mark. */
  rollback(to: Mark): void {
    while (this.#requests.length > to.requests) {
      const { entity, previous } = this.#requests.pop() as Request;
      entity.lastRequest = previous;
    }
    while (this.#writes.length > to.writes) this.#undo(this.#writes.pop() as Write);
  }

  /** Undoes everything for one entity after the mark. */
  dropEntity(entity: Entity, since: Mark): void {
    this.#dropped = true;
    for (let index = since.requests; index < this.#requests.length; index += 1) {
      const request = this.#requests[index] as Request;
      if (request.entity === entity) request.live = false;
    }
    const kept: Write[] = [];
    while (this.#writes.length > since.writes) {
      const write = this.#writes.pop() as Write;
      if (write.entity === entity) this.#undo(write);
      else kept.push(write);
    }
    this.#writes.push(...kept.reverse());
  }

  /** The last request of each entity and name, in call order. */
  requests(): readonly Request[] {
    if (!this.#repeated) return this.#dropped ? this.#requests.filter(({ live }) => live) : this.#requests;
    const latest: Request[] = [];
    const seen = new Map<Entity, Set<string>>();
    for (let index = this.#requests.length - 1; index >= 0; index -= 1) {
      const request = this.#requests[index] as Request;
      if (!request.live) continue;
      const { entity, name } = request;
      let names = seen.get(entity);
      if (!names) seen.set(entity, (names = new Set()));
      if (names.has(name)) continue;
      names.add(name);
      latest.push(request);
    }
    return latest.reverse();
  }

  /** @param evaluatedMs the time of this evaluation if the program has timed forms, else null */
  writes(evaluatedMs: number | null): MemoryWrites {
    if (this.#writes.length === 0 && evaluatedMs === null) return NO_WRITES;
    const guests = new Map<string, ReadonlyMap<string, PolicyScalar>>();
    let host = NO_WRITES.host;
    const guestTimers = new Map<string, TimerChanges>();
    let hostTimers = NO_WRITES.timers.host;
    for (const { entity } of this.#writes) {
      const { guest, written, writtenTimers } = entity;
      if (written && written.size > 0) {
        if (guest === null) host = written;
        else guests.set(guest.uuid, written);
      }
      if (writtenTimers && writtenTimers.size > 0) {
        if (guest === null) hostTimers = writtenTimers;
        else guestTimers.set(guest.uuid, writtenTimers);
      }
    }
    return { host, guests, timers: { evaluatedMs, host: hostTimers, guests: guestTimers } };
  }

  #storedVariables({ guest }: Entity): ReadonlyMap<string, PolicyScalar> | undefined {
    return guest === null ? this.#memory.host : this.#memory.guests.get(guest.uuid);
  }

  #storedTimers({ guest }: Entity): TimerMap | undefined {
    const { timers } = this.#memory;
    return guest === null ? timers.host : timers.guests.get(guest.uuid);
  }

  #write<T>(entity: Entity, written: Map<string, T>, name: string, value: T, growth: number): void {
    this.#writes.push({ entity, written, name, previous: written.get(name), growth });
    if (this.#keptSize !== null) this.#keptSize += growth;
    written.set(name, value);
  }

  #undo({ written, name, previous, growth }: Write): void {
    if (this.#keptSize !== null) this.#keptSize -= growth;
    if (previous === undefined) written.delete(name);
    else written.set(name, previous);
  }
}

/** Whether there are at least this many names, stored or written. */
function hasNames(
  kept: ReadonlyMap<string, unknown> | undefined,
  written: ReadonlyMap<string, unknown> | null,
  count: number,
): boolean {
  if ((written?.size ?? 0) + (kept?.size ?? 0) < count) return false;
  return new Set([...(kept?.keys() ?? []), ...(written?.keys() ?? [])]).size >= count;
}

/** Variables of this size are bounded well enough by their number. */
const SMALL_SIZE = 64;
/** A timer counts as a number of this name. */
const TIMER = 0;

/** The size of a variable with its name; 0 if it is small or does not exist. */
function sizeOf(name: string, value: PolicyScalar | undefined): number {
  if (value === undefined || (typeof value === 'number' && name.length < SMALL_SIZE)) return 0;
  const size = name.length + storedSize(value);
  return size <= SMALL_SIZE ? 0 : size;
}

function memorySize({ host, guests, timers }: PolicyMemory): number {
  let size = 0;
  for (const variables of [host, ...guests.values()])
    for (const [name, value] of variables) size += sizeOf(name, value);
  for (const names of [timers.host, ...timers.guests.values()])
    for (const name of names.keys()) size += sizeOf(name, TIMER);
  return size;
}

const FEW = 8;

/** Whether the entity has an older request with the same name; also true if there are too many to search. */
function mayRepeat({ previous, name }: Request): boolean {
  let searched = 0;
  for (let older = previous; older !== null; older = older.previous) {
    if (older.name === name || ++searched > FEW) return true;
  }
  return false;
}
