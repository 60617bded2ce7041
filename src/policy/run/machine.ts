import type { Cell, Definition, FieldIndex, FunctionCell } from '../compile/cells.ts';
import { ABSENT, NEEDS_ALL_SCOPES } from '../compile/cells.ts';
import { catalogue, PolicyFailure } from '../catalogue.ts';
import type { PlainBuiltin } from '../builtins.ts';
import { FUNCTION_VALUES } from '../builtins.ts';
import type { GuestRef } from '../../model/control.ts';
import type { Fault } from '../diagnostics.ts';
import { Entity } from '../values/entity.ts';
import type { LoopOperation } from '../forms/forms.ts';
import type { Journal, Mark } from './journal.ts';
import { stat, statAverage } from '../functions/history-methods.ts';
import { FINISH, FINISH_BARE } from '../functions/lists.ts';
import type { GivenWindow, Method } from '../functions/method.ts';
import { control, METHODS, remember } from '../functions/methods.ts';
import type { ParamValues } from '../params/params.ts';
import { heldFor, isDue, type Times } from './pace.ts';
import { near } from '../near.ts';
import { plainAttribute } from '../values/plain-attributes.ts';
import type { Image, Via } from './program.ts';
import { Scopes } from './scopes.ts';
import type { Tracer } from '../trace/tracer.ts';
import { Callable, describe, isList, type CallContext, type Value } from '../values/values.ts';

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

/**
 * The state of an evaluation, and what compiled code does besides plain arithmetic. A program has one machine and uses it
 * again and again: its arrays keep their size.
 */
export class Machine extends Scopes implements CallContext {
  /** An evaluation is under way. */
  busy = false;
  image!: Image;
  journal!: Journal;
  /** Whether an error in a `with` body costs one guest only. */
  isolate = true;
  /** The site of the builtin that runs. */
  site = 0;
  /** Index of the file that runs. */
  file = 0;
  /** The values of the top-level expressions; null when nobody asked for them. */
  results: Value[] | null = null;
  failed: Failed[] = [];
  /** The reason of the innermost `because`. */
  reason: string | null = null;
  /** The host, or the guest of the innermost loop over guests: whose time `held-for` and its kin count. */
  current!: Entity;
  host!: Entity;
  /** What the operator has set for the policy's parameters. */
  params: ParamValues | null = null;
  /** Is told by traced code what it does. */
  tracer: Tracer | null = null;
  /** What `debug` has said, with the sites. */
  said: { readonly text: string; readonly site: number }[] = [];

  #fileMark: Mark = { requests: 0, writes: 0 };
  #times: Times = { nowMs: 0, beforeMs: null };
  /** Parameters in force that some guest has a value of its own for. */
  #ownParams = NONE_OF_THEIR_OWN;

  begin(image: Image, journal: Journal, times: Times, isolate: boolean, clock: (() => number) | null, params: ParamValues | null, results: Value[] | null): void {
    this.#times = times;
    this.params = params;
    this.#ownParams = NONE_OF_THEIR_OWN;
    this.image = image;
    this.journal = journal;
    this.isolate = isolate;
    this.useClock(clock);
    this.results = results;
    this.failed = [];
    this.said = [];
  }

  /** Makes a file's share of steps and time ready. */
  startFile(file: number, steps: number): Mark {
    this.startMeter(steps);
    this.file = file;
    this.current = this.host;
    this.#fileMark = this.journal.mark();
    return this.#fileMark;
  }

  charge(steps: number): void {
    this.step(steps, this.site);
  }

  /** Closes the scopes that an error has left open: between top-level expressions there are none. */
  closeAll(): void {
    this.unwind(0);
    this.depth = 0;
    this.calls = 0;
    this.reason = null;
  }

  /** Takes the value of a top-level expression. */
  topLevel(value: Value, site: number): void {
    this.#measure(value, site);
    this.results?.push(value);
  }

  /** A result leaves the evaluation: lists may share parts, so a small program can make one that no memory holds. */
  #measure(value: Value, site: number): void {
    const { listDepth, storedSize } = this.limits;
    let room = storedSize;
    const measure = (part: Value, depth: number): void => {
      room -= typeof part === 'string' ? part.length + 1 : 1;
      if (room < 0) this.fail(catalogue.storedSize('the result', storedSize), site);
      if (typeof part !== 'object' || part === null || !isList(part)) return;
      if (depth >= listDepth) this.fail(catalogue.listDepth(listDepth), site);
      for (const item of part) measure(item, depth + 1);
    };
    measure(value, 0);
  }

  // Names

  unknown(cell: Cell, site: number): never {
    const names = this.image.cells.filter(({ value }) => value !== undefined).map(({ name }) => name);
    const isFunction = this.image.functions.some(({ name, definition }) => name === cell.name && definition !== null);
    return this.fail(catalogue.unknownName(cell.name, near(cell.name, names), isFunction), site);
  }

  /** `root.attribute`, when the innermost root is no entity that has the field. */
  attribute(root: Value | undefined, cell: Cell, field: FieldIndex, site: number): Value {
    const found = this.#findAttribute(root, cell, field);
    if (found !== undefined) return found;
    const full = `${cell.name}.${field.name}`;
    if (root === undefined) return this.fail(catalogue.unknownName(full, null, false), site);
    if (root instanceof Entity) {
      return this.fail(catalogue.unknownField(field.name, near(field.name, root.layout.names), root.label), site);
    }
    return this.fail(catalogue.noAttribute(full, cell.name, field.name, describe(root)), site);
  }

  /** The innermost root that has the attribute counts: outer scopes are tried in turn. */
  #findAttribute(root: Value | undefined, cell: Cell, field: FieldIndex, window: GivenWindow | null = null): Value | undefined {
    const found = this.#attributeOf(root, field, window);
    if (found !== undefined) return found;
    if (cell.lexical) throw NEEDS_ALL_SCOPES;
    return this.findOutside(cell, (value) => this.#attributeOf(value, field, window));
  }

  #attributeOf(root: Value | undefined, field: FieldIndex, window: GivenWindow | null): Value | undefined {
    if (root === undefined || root === null) return undefined;
    if (!(root instanceof Entity)) return plainAttribute(root, field.name);
    const value = root.last[root.isGuest ? field.guest : field.host];
    if (value !== undefined) return value;
    const method = METHODS.get(field.name);
    return method && this.#bound(root, method, window);
  }

  #bound(entity: Entity, method: Method, window: GivenWindow | null): Callable {
    const { minArguments, maxArguments, signature, call } = method;
    return new Callable(method.name, [minArguments, maxArguments], signature, (args) => call(this, entity, args, this.site, window));
  }

  // Calls

  /** Calls a variable's value. */
  callValue(name: string, value: Value, args: readonly Value[], site: number): Value {
    if (!(value instanceof Callable)) return this.fail(catalogue.notAFunction(name, describe(value)), site);
    const { minArguments, maxArguments, signature } = value;
    if (args.length < minArguments || args.length > maxArguments) {
      return this.fail(catalogue.methodArity(value.name, minArguments, maxArguments, args.length, signature), site);
    }
    this.site = site;
    return value.call(args, this);
  }

  callPlain(builtin: PlainBuiltin, args: readonly Value[], site: number): Value {
    this.site = site;
    return builtin.apply(args, this);
  }

  /** A user function that cannot be called this way. */
  cannotCall(cell: FunctionCell, given: number, site: number): never {
    const { definition } = cell;
    if (definition?.fault) return this.fail(definition.fault, site);
    if (definition === null) {
      const known = this.image.functions.filter((other) => other.definition !== null).map(({ name }) => name);
      return this.fail(catalogue.unknownFunction(cell.name, near(cell.name, [...known, ...FUNCTION_VALUES.keys()])), site);
    }
    return this.fail(catalogue.arity(cell.name, definition.arity, definition.arity, given, null), site);
  }

  /** `(root.attribute …)` when the direct way does not lead to a method. */
  callAttribute(
    root: Value | undefined,
    cell: Cell,
    field: FieldIndex,
    functions: FunctionCell,
    args: readonly Value[],
    site: number,
    window: GivenWindow | null = null,
  ): Value {
    const full = `${cell.name}.${field.name}`;
    const value = this.#findAttribute(root, cell, field, window);
    // A field that is nil does not hide a user function, as a nil variable does not.
    if (value !== undefined && value !== null) return this.callValue(full, value, args, site);
    const { definition } = functions;
    if (definition !== null) {
      if (window !== null) return this.fail(catalogue.unknownKeyword(window.kind, full, []), site);
      if (definition.arity !== args.length) return this.cannotCall(functions, args.length, site);
      return definition.code(this, site, ...args);
    }
    if (root instanceof Entity) {
      if (root.layout.index.has(field.name)) return this.fail(catalogue.fieldIsNoMethod(field.name, cell.name), site);
      return this.fail(catalogue.unknownMethod(field.name, near(field.name, [...METHODS.keys()])), site);
    }
    return this.fail(catalogue.unknownFunction(full, null), site);
  }

  callMethod(
    method: Method,
    root: Value | undefined,
    cell: Cell,
    field: FieldIndex,
    functions: FunctionCell,
    args: readonly Value[],
    window: GivenWindow | null,
    site: number,
  ): Value {
    const fits = args.length >= method.minArguments && args.length <= method.maxArguments;
    if (fits && root instanceof Entity && !hasField(root, field)) return method.call(this, root, args, site, window);
    return this.callAttribute(root, cell, field, functions, args, site, window);
  }

  /** `(root.Control NAME VALUE)`: what policies do most. */
  callControl(root: Value | undefined, cell: Cell, field: FieldIndex, functions: FunctionCell, name: Value, value: Value, via: Via, site: number): Value {
    if (root instanceof Entity && !hasField(root, field)) return control(this, root, name, value, null, via, site);
    return this.callAttribute(root, cell, field, functions, [name, value], site);
  }

  /** `(root.StatAvg "field")` and `(root.Stat "field")` with the field's place known. */
  callStat(average: boolean, root: Value | undefined, cell: Cell, field: FieldIndex, functions: FunctionCell, wanted: FieldIndex, site: number): Value {
    if (root instanceof Entity && !hasField(root, field)) {
      const index = root.isGuest ? wanted.guest : wanted.host;
      if (index !== ABSENT) {
        if (!average) return stat(this, root, index, wanted.name, site);
        this.step(root.samples.length, site);
        return statAverage(this, root, index, wanted.name, site);
      }
    }
    return this.callAttribute(root, cell, field, functions, [wanted.name], site);
  }

  // Loops

  /** `(with LIST NAME BODY)`. An error in the body of a guest costs that guest its decisions, and the value nil. */
  each(list: Value, body: (machine: Machine, item: Value) => Value, weight: number, site: number): Value {
    return this.#each(this.#items(list, 'with', site), body, weight, site);
  }

  /** The loops that make something else of the values of their bodies. */
  loop(operation: LoopOperation, list: Value, body: (machine: Machine, item: Value) => Value, weight: number, site: number): Value {
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
    if (items === null || typeof items !== 'object' || !isList(items)) return this.fail(catalogue.notIterable(describe(list), form), site);
    return items.length > this.limits.listLength ? this.fail(catalogue.listLength(this.limits.listLength), site) : items;
  }

  #each(items: readonly Value[], body: (machine: Machine, item: Value) => Value, weight: number, site: number): Value[] {
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

  /** An error in the body of a guest costs that guest its decisions, unless it ends more. */
  #guestFailed(guest: Entity, failure: unknown, before: Outside, mark: Mark): void {
    if (!this.isolate || !(failure instanceof PolicyFailure) || failure.endsFile) throw failure;
    this.tracer?.failGuest(failure);
    this.unwind(before.top);
    this.depth = before.depth;
    this.calls = before.calls;
    this.reason = before.reason;
    this.journal.rollback(mark);
    this.journal.dropEntity(guest, this.#fileMark);
    const known = guest.failedIn !== -1 && this.failed.some((other) => other.guest === guest && other.failure.site === failure.site);
    if (!known) this.failed.push({ failure, guest });
    guest.failedIn = this.file;
  }

  /** In its own scope around the body, each parameter has the value for this guest, unless an inner variable hides the parameter. */
  #withOwnParams(guest: Entity, body: (machine: Machine, item: Value) => Value): Value {
    const { top } = this;
    const { uuid } = guest.guest as GuestRef;
    const before = this.#ownParams.map(({ depth }) => depth);
    this.depth += 1;
    try {
      for (const own of this.#ownParams) {
        if (own.cell.depth !== own.depth) continue;
        // Outside of all turns that have a value of their own, the present value is the general one.
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

  // Settings, reasons and time

  /** The value of a parameter: what the operator has set, else what the policy says. */
  parameter(params: ParamValues, cell: Cell, byDefault: number | string): Value {
    const value = params.values.get(cell.name) ?? byDefault;
    const guests = params.guests.get(cell.name);
    if (guests) this.#ownParams = [...this.#ownParams, { cell, guests, general: value, depth: 0 }];
    return value;
  }

  /** Enters a `because`, and answers the reason to go back to. */
  because(reason: Value, site: number): string | null {
    const outer = this.reason;
    if (typeof reason !== 'string') return this.fail(catalogue.reasonWanted(describe(reason)), site);
    this.reason = reason;
    return outer;
  }

  /** The calls through which a place was reached, as far as the text alone does not tell: that of the function around it, and those above. */
  via(around: Definition): Via {
    const sites: number[] = [];
    const seen = new Set<Definition>();
    for (let next: Definition | null = around; next !== null && !seen.has(next) && next.calledFrom !== -1; next = this.image.choiceAbove(next.calledFrom)) {
      seen.add(next);
      sites.push(next.calledFrom);
    }
    return sites.join(' ');
  }

  heldFor(key: Value, holds: boolean, duration: Value, site: number): boolean {
    this.site = site;
    return heldFor(this, this.#times, key, holds, duration, site);
  }

  isDue(key: string, duration: Value, site: number): boolean {
    this.site = site;
    return isDue(this, this.#times, key, duration, site);
  }

  /** Notes that the body of an `every` or `cooldown` has run. */
  ran(key: string, site: number): void {
    remember(this, this.current, key, this.#times.nowMs, site);
  }

  // What builtins use

  fail(fault: Fault, site: number = this.site): never {
    throw new PolicyFailure(fault, site);
  }

  writtenAsFraction(argument: number): boolean {
    return this.image.isFraction(this.site, argument);
  }

  nilHint(args: readonly Value[]): string | null {
    const field = args.findIndex((value) => value === null);
    const text = field === -1 ? null : this.image.argumentText(this.site, field);
    return text === null ? null : `${text} is nil; test it first: (if (valid ${text}) … …)`;
  }

  debug(text: string): void {
    this.said.push({ text, site: this.site });
  }
}

function hasField(root: Entity, field: FieldIndex): boolean {
  const index = root.isGuest ? field.guest : field.host;
  return index !== ABSENT && root.last[index] !== undefined;
}
