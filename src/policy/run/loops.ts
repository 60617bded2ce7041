import type { GuestRef } from '../../model/control.ts';
import type { Timer } from '../../model/timers.ts';
import { catalogue } from '../messages/catalogue.ts';
import { type Fault, PolicyFailure } from '../messages/fault.ts';
import type { Cell } from '../image/cells.ts';
import type { Image } from '../image/image.ts';
import type { LoopOperation } from '../builtins/builtins.ts';
import { FINISH, FINISH_BARE } from '../functions/lists.ts';
import type { ParamValues } from '../params/resolve.ts';
import type { Tracer } from '../trace/tracer.ts';
import { Entity } from '../values/entity.ts';
import { ELEMENT_BYTES, ERROR_BYTES } from '../values/costs.ts';
import { asNumber, describe, isList, type CallContext, type Value } from '../values/values.ts';
import type { Journal, Mark } from './journal.ts';
import { ScopeStack } from './scope-stack.ts';

/** An error that dropped the decisions of a guest or a file. */
export interface Failed {
  readonly failure: PolicyFailure;
  /** null: the file. */
  readonly guest: Entity | null;
}

/** A parameter with an override for some guest. */
interface GuestParam {
  readonly cell: Cell;
  readonly guests: ReadonlyMap<string, number | string>;
  /** The value for guests without an override. */
  general: Value;
  /** The scope depth of its current value: 0, or that of a guest's iteration. */
  depth: number;
}

/** An error costs more than other expressions: it is caught, described and reported. */
const FAILURE_STEPS = 32;

const NO_GUEST_PARAMS: readonly GuestParam[] = [];

/** The state at the start of a loop. */
interface LoopStart {
  readonly depth: number;
  readonly calls: number;
  readonly top: number;
  readonly reason: string | null;
}

/** Loops, error isolation per guest, and parameter values per guest. */
export abstract class Loops extends ScopeStack implements CallContext {
  journal!: Journal;
  /** The compiled form of the current program. */
  image!: Image;
  /** Whether an error in a `with` body affects only its guest. */
  isolate = true;
  /** The site of the current builtin. */
  site = 0;
  /** Index of the current file. */
  file = 0;
  failed: Failed[] = [];
  /** The reason of the innermost `because`. */
  reason: string | null = null;
  /** The host, or the guest of the innermost loop over guests: the owner of timers. */
  current!: Entity;
  /** Receives values from traced code. */
  tracer: Tracer | null = null;
  protected fileMark: Mark = { requests: 0, writes: 0 };
  /** Declared parameters with an override for some guest. */
  #guestParams = NO_GUEST_PARAMS;

  abstract writtenAsFraction(argument: number): boolean;
  abstract paramOf(entity: Entity, name: string): number | string | undefined;
  abstract nilHint(args: readonly Value[]): string | null;
  abstract debug(text: string): void;
  abstract get nowMs(): number;
  abstract timer(name: string): Timer | null;
  abstract keepTimer(name: string, timer: Timer | null): void;

  fail(fault: Fault, site: number = this.site): never {
    throw new PolicyFailure(fault, site);
  }

  charge(steps: number): void {
    this.step(steps, this.site);
  }

  allocate(bytes: number): void {
    this.take(bytes, this.site);
  }

  putOutText(units: number): void {
    this.putOut(units, this.site);
  }

  /** `(with LIST NAME BODY …)`. An error in the body of a guest drops its decisions, and its value is nil. */
  each(list: Value, body: (machine: this, item: Value) => Value, weight: number, site: number): Value {
    return this.#each(this.#items(list, 'with', site), body, weight, site);
  }

  /** Loops that compute a result from the values of their bodies. */
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
    const result = FINISH[operation](items, values, this);
    if (operation !== 'map') this.giveBack(ELEMENT_BYTES * items.length);
    return result;
  }

  /** `(fold LIST NAME ACC INITIAL BODY …)`. An error in the body of a guest leaves the value as it was. */
  fold(
    list: Value,
    initial: Value,
    body: (machine: this, item: Value, carried: Value) => Value,
    weight: number,
    site: number,
  ): Value {
    const items = this.#items(list, 'fold', site);
    let value = initial;
    const step = (machine: this, item: Value): Value => {
      value = body(machine, item, value);
      return null;
    };
    this.#each(items, step, weight, site);
    this.giveBack(ELEMENT_BYTES * items.length);
    return value;
  }

  /**
   * `(hand-out BUDGET LIST NAME GRANTED WANT BODY …)`. What a guest was given is taken from the budget only after its body. A
   * guest whose decisions an error has already dropped is given nothing.
   */
  handOut(
    budget: Value,
    list: Value,
    body: (machine: this, item: Value, left: number) => Value,
    weight: number,
    site: number,
  ): Value {
    this.site = site;
    let left = this.#amount(budget, 'a number as its budget');
    const items = this.#items(list, 'hand-out', site);
    const step = (machine: this, item: Value): Value => {
      if (item instanceof Entity && item.isGuest && item.failedIn === this.file) return null;
      const given = body(machine, item, left) as number;
      // Infinity minus itself is not a number.
      left = given === left ? 0 : left - given;
      return null;
    };
    this.#each(items, step, weight, site);
    this.giveBack(ELEMENT_BYTES * items.length);
    return left;
  }

  /** What an element of `hand-out` is given. */
  grant(want: Value, left: number, site: number): number {
    if (want === null) return 0;
    this.site = site;
    const wanted = this.#amount(want, 'a number or nil as what is wanted');
    if (!(wanted > 0) || !(left > 0)) return 0;
    return wanted < left ? wanted : left;
  }

  #amount(value: Value, wants: string): number {
    const number = asNumber(value);
    if (number === undefined)
      return this.fail(catalogue.operands('hand-out', wants, describe(value), this.nilHint([value])));
    return Number(number);
  }

  /** {@link loop} over the elements themselves. */
  loopBare(operation: LoopOperation, list: Value, site: number): Value {
    const items = this.#items(list, operation, site);
    this.step(items.length, site);
    this.site = site;
    return FINISH_BARE[operation]?.(items) ?? FINISH[operation](items, items, this);
  }

  #items(list: Value, form: string, site: number): readonly Value[] {
    const items = typeof list === 'string' ? this.#characters(list, site) : list;
    if (items === null || typeof items !== 'object' || !isList(items))
      return this.fail(catalogue.notIterable(describe(list), form), site);
    return items.length > this.limits.listLength
      ? this.fail(catalogue.listLength(this.limits.listLength), site)
      : items;
  }

  #characters(text: string, site: number): readonly Value[] {
    this.step(text.length, site);
    // A list of them, and a text of its own for each that is not Latin.
    this.take(3 * ELEMENT_BYTES * text.length, site);
    return [...text];
  }

  #each(items: readonly Value[], body: (machine: this, item: Value) => Value, weight: number, site: number): Value[] {
    const frames = 2 + (weight >> 5);
    this.enter(frames, site);
    this.take(ELEMENT_BYTES * items.length, site);
    const before: LoopStart = { depth: this.depth, calls: this.calls, top: this.top, reason: this.reason };
    const { current, journal } = this;
    const began = this.stepsAtBodyStart;
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
      this.stepsAtBodyStart = this.stepsLeft;
      this.current = item;
      try {
        results.push(this.#guestParams.length === 0 ? body(this, item) : this.#withGuestParams(item, body));
      } catch (failure) {
        this.#guestFailed(item, failure, before, { requests, writes });
        results.push(null);
      }
      this.current = current;
      this.stepsAtBodyStart = began;
    }
    this.leave(frames);
    return results;
  }

  /** Drops the decisions of a guest after an error in its body, unless the error ends the file. */
  #guestFailed(guest: Entity, failure: unknown, before: LoopStart, mark: Mark): void {
    if (!this.isolate || !(failure instanceof PolicyFailure) || failure.endsFile) throw failure;
    // The journal is searched for what to drop.
    const { requestCount, writeCount } = this.journal;
    const entries = requestCount - this.fileMark.requests + writeCount - this.fileMark.writes;
    this.step(FAILURE_STEPS + (entries >> 3), failure.site);
    this.tracer?.failGuest(failure);
    this.unwind(before.top);
    this.depth = before.depth;
    this.calls = before.calls;
    this.reason = before.reason;
    this.journal.rollback(mark);
    this.journal.dropEntity(guest, this.fileMark);
    guest.failedIn = this.file;
    guest.failedSites ??= new Set();
    if (guest.failedSites.has(failure.site)) return;
    const { message, hint } = failure.fault;
    this.take(ERROR_BYTES, failure.site);
    this.putOut(message.length + (hint?.length ?? 0), failure.site);
    guest.failedSites.add(failure.site);
    this.failed.push({ failure, guest });
  }

  /** Runs the body in a scope where each parameter has the value for this guest, unless an inner variable hides the parameter. */
  #withGuestParams(guest: Entity, body: (machine: this, item: Value) => Value): Value {
    const { top } = this;
    const { uuid } = guest.guest as GuestRef;
    this.charge(this.#guestParams.length);
    const before = this.#guestParams.map(({ depth }) => depth);
    this.depth += 1;
    try {
      for (const own of this.#guestParams) {
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
      this.#guestParams.forEach((own, at) => (own.depth = before[at] as number));
    }
  }

  /** The value of a parameter: the override, or else the default. */
  parameter(params: ParamValues, cell: Cell, byDefault: number | string): Value {
    const value = params.values.get(cell.name) ?? byDefault;
    const guests = params.guests.get(cell.name);
    if (guests) this.#guestParams = [...this.#guestParams, { cell, guests, general: value, depth: 0 }];
    return value;
  }

  protected resetGuestParams(): void {
    this.#guestParams = NO_GUEST_PARAMS;
  }
}
