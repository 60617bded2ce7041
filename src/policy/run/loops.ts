import type { GuestRef } from '../../model/control.ts';
import { catalogue } from '../messages/catalogue.ts';
import { type Fault, PolicyFailure } from '../messages/fault.ts';
import type { Cell } from '../image/cells.ts';
import type { Image } from '../image/image.ts';
import type { LoopOperation } from '../builtins/builtins.ts';
import { FINISH, FINISH_BARE } from '../functions/lists.ts';
import type { ParamValues } from '../params/resolve.ts';
import type { Tracer } from '../trace/tracer.ts';
import { Entity } from '../values/entity.ts';
import { describe, isList, type CallContext, type Value } from '../values/values.ts';
import type { Journal, Mark } from './journal.ts';
import { ScopeStack } from './scope-stack.ts';

/** An error that cost a guest, or a file, its decisions. */
export interface Failed {
  readonly failure: PolicyFailure;
  /** null: the file. */
  readonly guest: Entity | null;
}

/** A parameter that some guest has a value of its own for. */
interface OwnParam {
  readonly cell: Cell;
  readonly guests: ReadonlyMap<string, number | string>;
  /** What it is for the guests that have none. */
  general: Value;
  /** The depth of the scope that has its present value: 0, or that of the turn of a guest. */
  depth: number;
}

const NONE_OF_THEIR_OWN: readonly OwnParam[] = [];

/** What was open when a loop began. */
interface Outside {
  readonly depth: number;
  readonly calls: number;
  readonly top: number;
  readonly reason: string | null;
}

/** Loops: what an error in the turn of a guest costs, and what a parameter is in it. */
export abstract class Loops extends ScopeStack implements CallContext {
  journal!: Journal;
  /** The program that runs. */
  image!: Image;
  /** Whether an error in a `with` body costs one guest only. */
  isolate = true;
  /** The site of the builtin that runs. */
  site = 0;
  /** Index of the file that runs. */
  file = 0;
  failed: Failed[] = [];
  /** The reason of the innermost `because`. */
  reason: string | null = null;
  /** The host, or the guest of the innermost loop over guests: whose time `held-for` and its kin count. */
  current!: Entity;
  /** Is told by traced code what it does. */
  tracer: Tracer | null = null;
  protected fileMark: Mark = { requests: 0, writes: 0 };
  /** Parameters in force that some guest has a value of its own for. */
  #ownParams = NONE_OF_THEIR_OWN;

  abstract writtenAsFraction(argument: number): boolean;
  abstract nilHint(args: readonly Value[]): string | null;
  abstract debug(text: string): void;

  fail(fault: Fault, site: number = this.site): never {
    throw new PolicyFailure(fault, site);
  }

  charge(steps: number): void {
    this.step(steps, this.site);
  }

  /** `(with LIST NAME BODY)`. An error in the body of a guest drops the decisions of the guest, and the value nil. */
  each(list: Value, body: (machine: this, item: Value) => Value, weight: number, site: number): Value {
    return this.#each(this.#items(list, 'with', site), body, weight, site);
  }

  /** The loops that make something else of the values of their bodies. */
  loop(
    operation: LoopOperation,
    list: Value,
    body: (machine: this, item: Value) => Value,
    weight: number,
    site: number,
  ): Value {
    const items = this.#items(list, operation, site);
    const values = this.#each(items, body, weight, site);
    this.site = site;
    return FINISH[operation](items, values, this);
  }

  /** The same over the elements themselves. */
  loopBare(operation: LoopOperation, list: Value, site: number): Value {
    const items = this.#items(list, operation, site);
    this.step(items.length, site);
    this.site = site;
    return FINISH_BARE[operation]?.(items) ?? FINISH[operation](items, items, this);
  }

  #items(list: Value, form: string, site: number): readonly Value[] {
    const items = typeof list === 'string' ? [...list] : list;
    if (items === null || typeof items !== 'object' || !isList(items))
      return this.fail(catalogue.notIterable(describe(list), form), site);
    return items.length > this.limits.listLength
      ? this.fail(catalogue.listLength(this.limits.listLength), site)
      : items;
  }

  #each(items: readonly Value[], body: (machine: this, item: Value) => Value, weight: number, site: number): Value[] {
    const frames = 2 + (weight >> 5);
    this.enter(frames, site);
    const before: Outside = { depth: this.depth, calls: this.calls, top: this.top, reason: this.reason };
    const { current, journal } = this;
    const began = this.bodyBegan;
    const results: Value[] = [];
    for (let at = 0; at < items.length; at += 1) {
      const item = items[at] as Value;
      this.step(weight, site);
      if (!(item instanceof Entity) || !item.isGuest) {
        results.push(body(this, item));
        continue;
      }
      const requests = journal.requestCount;
      const writes = journal.writeCount;
      this.bodyBegan = this.stepsLeft;
      this.current = item;
      try {
        results.push(this.#ownParams.length === 0 ? body(this, item) : this.#withOwnParams(item, body));
      } catch (failure) {
        this.#guestFailed(item, failure, before, { requests, writes });
        results.push(null);
      }
      this.current = current;
      this.bodyBegan = began;
    }
    this.leave(frames);
    return results;
  }

  /** An error in the body of a guest drops the decisions of the guest, unless it ends more. */
  #guestFailed(guest: Entity, failure: unknown, before: Outside, mark: Mark): void {
    if (!this.isolate || !(failure instanceof PolicyFailure) || failure.endsFile) throw failure;
    this.tracer?.failGuest(failure);
    this.unwind(before.top);
    this.depth = before.depth;
    this.calls = before.calls;
    this.reason = before.reason;
    this.journal.rollback(mark);
    this.journal.dropEntity(guest, this.fileMark);
    const known =
      guest.failedIn !== -1 &&
      this.failed.some((other) => other.guest === guest && other.failure.site === failure.site);
    if (!known) this.failed.push({ failure, guest });
    guest.failedIn = this.file;
  }

  /** In its own scope around the body, each parameter has the value for this guest, unless an inner variable hides the parameter. */
  #withOwnParams(guest: Entity, body: (machine: this, item: Value) => Value): Value {
    const { top } = this;
    const { uuid } = guest.guest as GuestRef;
    const before = this.#ownParams.map(({ depth }) => depth);
    this.depth += 1;
    try {
      for (const own of this.#ownParams) {
        if (own.cell.depth !== own.depth) continue;
        // Outside of iterations with their own value, the current value is the general one.
        if (own.depth === 0) own.general = own.cell.value as Value;
        const value = own.guests.get(uuid);
        if (value === undefined && own.depth === 0) continue;
        this.bind(own.cell, value ?? own.general);
        own.depth = this.depth;
      }
      const result = body(this, guest);
      this.depth -= 1;
      this.unwind(top);
      return result;
    } finally {
      this.#ownParams.forEach((own, at) => (own.depth = before[at] as number));
    }
  }

  /** The value of a parameter: what the operator has set, else what the policy says. */
  parameter(params: ParamValues, cell: Cell, byDefault: number | string): Value {
    const value = params.values.get(cell.name) ?? byDefault;
    const guests = params.guests.get(cell.name);
    if (guests) this.#ownParams = [...this.#ownParams, { cell, guests, general: value, depth: 0 }];
    return value;
  }

  protected forgetOwnParams(): void {
    this.#ownParams = NONE_OF_THEIR_OWN;
  }
}
