import type { PolicyScalar } from '../../model/control.ts';
import { EMPTY_MEMORY, type MemoryWrites, type PolicyMemory } from '../../model/memory.ts';
import type { Entity } from '../values/entity.ts';
import type { Requested, RequestOrigin } from '../values/requested.ts';

/** One `Control` call. */
export interface Request extends Requested {
  readonly entity: Entity;
}

interface Write {
  readonly entity: Entity;
  readonly name: string;
  /** What an earlier write of this evaluation had stored; undefined when there was none. */
  readonly previous: PolicyScalar | undefined;
}

/** A moment of an evaluation to go back to. */
export interface Mark {
  readonly requests: number;
  readonly writes: number;
}

/** Everything that one evaluation asked for, in order, so that an error can take back exactly its part. */
export class Journal {
  readonly #memory: PolicyMemory;
  readonly #requests: Request[] = [];
  readonly #writes: Write[] = [];
  /** Some request may be superseded by a later one. */
  #repeated = false;
  #dropped = false;

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
    // nil is a value that can be stored: it hides what was kept before.
    const written = entity.written?.get(name);
    return written === undefined ? this.#kept(entity)?.get(name) : written;
  }

  /** Whether the entity has so many variables. */
  hasVariables(entity: Entity, count: number): boolean {
    const kept = this.#kept(entity);
    const written = entity.written;
    if ((written?.size ?? 0) + (kept?.size ?? 0) < count) return false;
    const names = new Set([...(kept?.keys() ?? []), ...(written?.keys() ?? [])]);
    return names.size >= count;
  }

  write(entity: Entity, name: string, value: PolicyScalar): void {
    entity.written ??= new Map();
    this.#writes.push({ entity, name, previous: entity.written.get(name) });
    entity.written.set(name, value);
  }

  /** Takes back everything since the mark. */
  rollback(to: Mark): void {
    while (this.#requests.length > to.requests) {
      const { entity, previous } = this.#requests.pop() as Request;
      entity.lastRequest = previous;
    }
    while (this.#writes.length > to.writes) this.#undo(this.#writes.pop() as Write);
  }

  /** Takes back what was set for one entity since the mark. */
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

  /** The requests that count, in the order of their calls: of each entity and name the last. */
  requests(): readonly Request[] {
    if (!this.#repeated) return this.#dropped ? this.#requests.filter(({ live }) => live) : this.#requests;
    const counted: Request[] = [];
    const seen = new Map<Entity, Set<string>>();
    for (let index = this.#requests.length - 1; index >= 0; index -= 1) {
      const request = this.#requests[index] as Request;
      if (!request.live) continue;
      const { entity, name } = request;
      let names = seen.get(entity);
      if (!names) seen.set(entity, (names = new Set()));
      if (names.has(name)) continue;
      names.add(name);
      counted.push(request);
    }
    return counted.reverse();
  }

  writes(): MemoryWrites {
    if (this.#writes.length === 0) return EMPTY_MEMORY;
    const guests = new Map<string, ReadonlyMap<string, PolicyScalar>>();
    let host: ReadonlyMap<string, PolicyScalar> = new Map();
    for (const { entity } of this.#writes) {
      if (!entity.written || entity.written.size === 0) continue;
      if (entity.guest === null) host = entity.written;
      else guests.set(entity.guest.uuid, entity.written);
    }
    return { host, guests };
  }

  #kept(entity: Entity): ReadonlyMap<string, PolicyScalar> | undefined {
    return entity.guest === null ? this.#memory.host : this.#memory.guests.get(entity.guest.uuid);
  }

  #undo({ entity, name, previous }: Write): void {
    if (previous === undefined) entity.written?.delete(name);
    else entity.written?.set(name, previous);
  }
}

const FEW = 8;

/** Whether an older request of the entity has the same name; true also when there are too many to look. */
function mayRepeat({ previous, name }: Request): boolean {
  let looked = 0;
  for (let older = previous; older !== null; older = older.previous) {
    if (older.name === name || ++looked > FEW) return true;
  }
  return false;
}
