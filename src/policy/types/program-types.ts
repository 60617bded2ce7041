import type { Define } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { parametersOf } from '../forms/scopes.ts';
import {
  ANYTHING,
  both,
  GUESTS_TYPE,
  HOST_TYPE,
  FUNCTION_TYPE,
  join,
  NEVER,
  NIL,
  sameType,
  UNKNOWN,
  withKinds,
  type Type,
} from './type.ts';

/** A type that changes more often than this is widened to any type: a program must be checked in bounded time. */
const PATIENCE = 40;

/** The top level of all files, or one function's body. */
export type Part = Define | 'top level';

/** What is known of a name outside of the scope that is being looked at: all the values that any place gives it. */
interface Global {
  /** By the place that binds or changes it. */
  readonly sites: Map<object, Type>;
  readonly readers: Set<Part>;
  changes: number;
  type: Type | null;
}

/** What is known of a function: what its calls give it and what it answers. */
export interface FunctionTypes {
  readonly parameters: Type[];
  /** For names of the caller that it reads: the readings that every caller knows not to be nil, '' the value itself. null: no call yet. */
  sure: Map<string, ReadonlySet<string>> | null;
  result: Type;
  reached: boolean;
  readonly callers: Set<Part>;
  changes: number;
}

/** The types exchanged between the parts of a program until a fixed point is reached. */
export class ProgramTypes {
  readonly #globals = new Map<string, Global>();
  readonly #functions = new Map<Define, FunctionTypes>();
  readonly #waiting = new Set<Define>();
  #topLevelWaits = true;

  constructor(names: Names) {
    for (const definitions of names.functions.values()) {
      for (const definition of definitions) {
        const count = parametersOf(definition).length;
        this.#functions.set(definition, {
          parameters: Array.from({ length: count }, () => NEVER),
          sure: null,
          result: NEVER,
          reached: false,
          callers: new Set(),
          changes: 0,
        });
      }
    }
    this.give('Host', this, HOST_TYPE);
    this.give('Guests', this, GUESTS_TYPE);
    this.give('abs', this, FUNCTION_TYPE);
    this.give('debug', this, FUNCTION_TYPE);
  }

  /** The next part to look at: functions first, because the top level needs their results. */
  next(): Part | undefined {
    for (const definition of this.#waiting) {
      this.#waiting.delete(definition);
      return definition;
    }
    if (!this.#topLevelWaits) return undefined;
    this.#topLevelWaits = false;
    return 'top level';
  }

  functions(): ReadonlyMap<Define, FunctionTypes> {
    return this.#functions;
  }

  of(definition: Define): FunctionTypes {
    const found = this.#functions.get(definition);
    if (!found) throw new Error(`function not in the program: ${definition.name}`);
    return found;
  }

  /** The value of a name that is bound somewhere else. */
  global(name: string, reader: Part): Type {
    const found = this.#global(name);
    found.readers.add(reader);
    return (found.type ??= summary(found));
  }

  /** A place gives a name a value. */
  give(name: string, site: object, value: Type): void {
    const found = this.#global(name);
    const before = found.sites.get(site);
    const after = found.changes > PATIENCE ? ANYTHING : join(before ?? NEVER, value);
    if (before !== undefined && sameType(before, after)) return;
    found.sites.set(site, after);
    found.changes += 1;
    found.type = null;
    this.#wake(found.readers);
  }

  /** Takes a function out of those that wait; false when it does not. */
  takes(definition: Define): boolean {
    return this.#waiting.delete(definition);
  }

  /** A call of a function. Returns whether it is the first that the caller makes. */
  call(definition: Define, args: readonly Type[], sure: Map<string, ReadonlySet<string>>, caller: Part): boolean {
    const callee = this.of(definition);
    const isFirst = !callee.callers.has(caller);
    callee.callers.add(caller);
    let changed = !callee.reached;
    callee.reached = true;
    const impatient = callee.changes > PATIENCE;
    callee.parameters.forEach((before, index) => {
      const after = impatient ? ANYTHING : join(before, args[index] as Type);
      if (sameType(before, after)) return;
      callee.parameters[index] = after;
      changed = true;
    });
    const known =
      callee.sure === null
        ? sure
        : new Map([...callee.sure].map(([name, readings]) => [name, both(readings, sure.get(name) ?? new Set())]));
    if (callee.sure === null || [...known].some(([name, { size }]) => size !== callee.sure?.get(name)?.size))
      changed = true;
    callee.sure = known;
    if (changed) {
      callee.changes += 1;
      this.#waiting.add(definition);
    }
    return isFirst;
  }

  /** @param next a caller that takes the result next, and has taken none before; null: none does */
  answer(definition: Define, value: Type, next: Part | null): void {
    const found = this.of(definition);
    const after = found.changes > PATIENCE ? ANYTHING : join(found.result, value);
    if (sameType(found.result, after)) return;
    found.result = after;
    found.changes += 1;
    this.#wake(found.callers, next);
  }

  #global(name: string): Global {
    let found = this.#globals.get(name);
    if (!found) this.#globals.set(name, (found = { sites: new Map(), readers: new Set(), changes: 0, type: null }));
    return found;
  }

  #wake(parts: ReadonlySet<Part>, but: Part | null = null): void {
    for (const part of parts) {
      if (part === but) continue;
      if (part === 'top level') this.#topLevelWaits = true;
      else this.#waiting.add(part);
    }
  }
}

/** If bindings disagree about the kind, the type is unknown: scopes are dynamic. */
function summary({ sites }: Global): Type {
  const types = [...sites.values()].filter(({ kinds }) => kinds !== 0);
  const all = types.reduce(join, NEVER);
  return types.every(({ kinds }) => kinds === all.kinds) || all.kinds === NIL
    ? all
    : withKinds(all, all.kinds | UNKNOWN);
}
