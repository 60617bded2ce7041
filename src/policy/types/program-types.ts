import type { Define } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { parametersOf } from '../forms/scopes.ts';
import type { CallConsequences } from './flow.ts';
import { Patterns } from './patterns.ts';
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

/** A type that changes more often is widened to any type, so that checking terminates quickly. */
const MAX_CHANGES = 40;
/**
 * Expressions inferred in all passes over a program before every type that still changes is widened. Real policies take a few
 * thousand; without a limit, a chain of definitions in the wrong order takes a pass for each link.
 */
const MAX_INFERRED = 300_000;

/** The top level of all files, or the body of one function. */
export type Part = Define | 'top level';

/** All values of a name, as seen from outside of the scopes that bind it. */
interface Global {
  /** By the expression that binds or changes it. */
  readonly sites: Map<object, Type>;
  readonly readers: Set<Part>;
  changes: number;
  type: Type | null;
}

/** The argument and result types of a function. */
export interface FunctionTypes {
  readonly parameters: Type[];
  /** For each name that it reads from its callers: the readings that are non-nil in every caller, '' for the value itself. null: no call yet. */
  nonNil: Map<string, ReadonlySet<string>> | null;
  result: Type;
  /** What the result being true or false says of what it was given; null: nothing. */
  when: CallConsequences | null;
  reached: boolean;
  readonly callers: Set<Part>;
  changes: number;
}

/** The types exchanged between the parts of a program until a fixed point is reached. */
export class ProgramTypes {
  readonly #globals = new Map<string, Global>();
  readonly #functions = new Map<Define, FunctionTypes>();
  readonly #queue = new Set<Define>();
  readonly patterns = new Patterns();
  #topLevelQueued = true;
  #inferred = 0;

  constructor(names: Names) {
    for (const definitions of names.functions.values()) {
      for (const definition of definitions) {
        const count = parametersOf(definition).length;
        this.#functions.set(definition, {
          parameters: Array.from({ length: count }, () => NEVER),
          nonNil: null,
          result: NEVER,
          when: null,
          reached: false,
          callers: new Set(),
          changes: 0,
        });
      }
    }
    this.addValue('Host', this, HOST_TYPE);
    this.addValue('Guests', this, GUESTS_TYPE);
    this.addValue('abs', this, FUNCTION_TYPE);
    this.addValue('debug', this, FUNCTION_TYPE);
  }

  /** The next part to infer: functions first, because the top level needs their results. */
  next(): Part | undefined {
    for (const definition of this.#queue) {
      this.#queue.delete(definition);
      return definition;
    }
    if (!this.#topLevelQueued) return undefined;
    this.#topLevelQueued = false;
    return 'top level';
  }

  /** Counts an expression whose type is inferred. */
  count(): void {
    this.#inferred += 1;
  }

  #isUnstable(changes: number): boolean {
    return changes > MAX_CHANGES || this.#inferred > MAX_INFERRED;
  }

  functions(): ReadonlyMap<Define, FunctionTypes> {
    return this.#functions;
  }

  of(definition: Define): FunctionTypes {
    const found = this.#functions.get(definition);
    if (!found) throw new Error(`function not in the program: ${definition.name}`);
    return found;
  }

  /** The type of a name that is bound in another scope. */
  global(name: string, reader: Part): Type {
    const found = this.#global(name);
    found.readers.add(reader);
    return (found.type ??= summary(found));
  }

  /** The values of a name that one expression gives it, as far as they are known. */
  valueAt(name: string, site: object, reader: Part): Type {
    const found = this.#global(name);
    found.readers.add(reader);
    return found.sites.get(site) ?? NEVER;
  }

  /** Records a value of a name. */
  addValue(name: string, site: object, value: Type): void {
    const found = this.#global(name);
    const before = found.sites.get(site);
    const after = this.#isUnstable(found.changes) ? ANYTHING : join(before ?? NEVER, value);
    if (before !== undefined && sameType(before, after)) return;
    found.sites.set(site, after);
    found.changes += 1;
    found.type = null;
    this.#enqueue(found.readers);
  }

  /** Removes a function from the queue; false if it is not queued. */
  dequeue(definition: Define): boolean {
    return this.#queue.delete(definition);
  }

  /** Records a call. Returns whether it is the first from this caller. */
  call(definition: Define, args: readonly Type[], nonNil: Map<string, ReadonlySet<string>>, caller: Part): boolean {
    const callee = this.of(definition);
    const isFirst = !callee.callers.has(caller);
    callee.callers.add(caller);
    let changed = !callee.reached;
    callee.reached = true;
    const isUnstable = this.#isUnstable(callee.changes);
    callee.parameters.forEach((before, index) => {
      const after = isUnstable ? ANYTHING : join(before, args[index] as Type);
      if (sameType(before, after)) return;
      callee.parameters[index] = after;
      changed = true;
    });
    const known =
      callee.nonNil === null
        ? nonNil
        : new Map([...callee.nonNil].map(([name, readings]) => [name, both(readings, nonNil.get(name) ?? new Set())]));
    if (callee.nonNil === null || [...known].some(([name, { size }]) => size !== callee.nonNil?.get(name)?.size))
      changed = true;
    callee.nonNil = known;
    if (changed) {
      callee.changes += 1;
      this.#queue.add(definition);
    }
    return isFirst;
  }

  /** @param next a caller that takes the result directly and has not taken one before; null: none */
  setResult(definition: Define, value: Type, when: CallConsequences | null, next: Part | null): void {
    const found = this.of(definition);
    const isUnstable = this.#isUnstable(found.changes);
    const after = isUnstable ? ANYTHING : join(found.result, value);
    const afterWhen = isUnstable ? null : when;
    if (sameType(found.result, after) && JSON.stringify(found.when) === JSON.stringify(afterWhen)) return;
    found.result = after;
    found.when = afterWhen;
    found.changes += 1;
    this.#enqueue(found.callers, next);
  }

  #global(name: string): Global {
    let found = this.#globals.get(name);
    if (!found) this.#globals.set(name, (found = { sites: new Map(), readers: new Set(), changes: 0, type: null }));
    return found;
  }

  #enqueue(parts: ReadonlySet<Part>, but: Part | null = null): void {
    for (const part of parts) {
      if (part === but) continue;
      if (part === 'top level') this.#topLevelQueued = true;
      else this.#queue.add(part);
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
