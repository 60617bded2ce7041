import type { Cell, FieldIndex, FunctionCell } from './cells.ts';
import { ABSENT, NEEDS_ALL_SCOPES } from './cells.ts';
import { catalogue, PolicyFailure } from './catalogue.ts';
import type { PlainBuiltin } from './builtins.ts';
import { FUNCTION_VALUES } from './builtins.ts';
import type { Fault } from './diagnostics.ts';
import { Entity } from './entity.ts';
import type { Journal, Mark } from './journal.ts';
import type { Limits } from './limits.ts';
import { control, METHODS, stat, statAverage, type Method } from './methods.ts';
import { near } from './near.ts';
import { plainAttribute } from './plain-attributes.ts';
import type { Image } from './program.ts';
import { Callable, describe, isList, type CallContext, type Value } from './values.ts';

/** Steps between two looks at the clock. */
const SLICE = 16_384;

/** An error that cost a guest, or a file, its decisions. */
export interface Failed {
  readonly failure: PolicyFailure;
  /** null: the file. */
  readonly guest: Entity | null;
}

/**
 * The state of an evaluation, and what compiled code does besides plain arithmetic. A program has one machine and uses it
 * again and again: its arrays keep their size.
 */
export class Machine implements CallContext {
  readonly limits: Limits;
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
  /** Scopes that are open. */
  depth = 0;
  /** Calls that are open, each counted by the size of its function. */
  calls = 0;
  /** The values of the top-level expressions; null when nobody asked for them. */
  results: Value[] | null = null;
  failed: Failed[] = [];
  /** What `debug` has said, with the sites. */
  said: { readonly text: string; readonly site: number }[] = [];

  // What the open scopes hide: parallel arrays, because an object for each binding would be the dearest part of a call.
  readonly #cells: Cell[] = [];
  readonly #values: (Value | undefined)[] = [];
  readonly #depths: number[] = [];
  top = 0;

  /** Steps until the next look at the clock, and those of the file after it. */
  #slice = 0;
  #reserve = 0;
  /** What was left when the `with` body of the present guest began; infinite outside. */
  #bodyBegan = Infinity;
  #budget = 0;
  #deadline = Infinity;
  #clock: (() => number) | null = null;
  #fileMark: Mark = { requests: 0, writes: 0 };

  constructor(limits: Limits) {
    this.limits = limits;
  }

  begin(image: Image, journal: Journal, isolate: boolean, clock: (() => number) | null, results: Value[] | null): void {
    this.image = image;
    this.journal = journal;
    this.isolate = isolate;
    this.#clock = clock;
    this.results = results;
    this.failed = [];
    this.said = [];
  }

  // Bounds

  /** Makes a file's share of steps and time ready. */
  startFile(file: number, steps: number): Mark {
    this.file = file;
    this.#slice = 0;
    this.#reserve = steps;
    this.#budget = steps;
    this.#bodyBegan = Infinity;
    this.#deadline = this.#clock === null ? Infinity : this.#clock() + this.limits.timeMs;
    this.#fileMark = this.journal.mark();
    return this.#fileMark;
  }

  step(count: number, site: number): void {
    if ((this.#slice -= count) < 0) this.#nextSlice(site);
  }

  charge(steps: number): void {
    this.step(steps, this.site);
  }

  /** Steps that are left to the file. */
  get stepsLeft(): number {
    return this.#reserve + this.#slice;
  }

  #nextSlice(site: number): void {
    const left = this.stepsLeft;
    if (left < 0) throw new PolicyFailure(catalogue.steps(this.#budget), site, true);
    if (this.#clock !== null && this.#clock() > this.#deadline) throw new PolicyFailure(catalogue.time(this.limits.timeMs), site, true);
    this.#slice = Math.min(left, SLICE);
    this.#reserve = left - this.#slice;
    // Looked at here only: a guest may take a slice more than its share.
    if (this.#bodyBegan !== Infinity && this.#bodyBegan - left > this.limits.steps) {
      throw new PolicyFailure(catalogue.steps(this.limits.steps), site);
    }
  }

  // Scopes

  /** Opens a call. */
  enter(frames: number, site: number): void {
    if ((this.calls += frames) > this.limits.callDepth) throw new PolicyFailure(catalogue.calls(this.limits.callDepth), site);
  }

  /** Closes it. */
  leave(frames: number): void {
    this.calls -= frames;
  }

  /** Binds a name in the innermost scope. */
  bind(cell: Cell, value: Value): void {
    const { top } = this;
    this.#cells[top] = cell;
    this.#values[top] = cell.value;
    this.#depths[top] = cell.depth;
    this.top = top + 1;
    cell.value = value;
    cell.depth = this.depth;
  }

  unwind(top: number): void {
    for (let at = this.top - 1; at >= top; at -= 1) {
      const cell = this.#cells[at] as Cell;
      cell.value = this.#values[at];
      cell.depth = this.#depths[at] as number;
    }
    this.top = top;
  }

  /** Closes the scopes that an error has left open: between top-level expressions there are none. */
  closeAll(): void {
    this.unwind(0);
    this.depth = 0;
    this.calls = 0;
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

  defvar(cell: Cell, value: Value): Value {
    if (cell.value !== undefined && cell.depth === this.depth) return cell.value;
    this.bind(cell, value);
    return value;
  }

  assign(cell: Cell, value: Value, site: number): Value {
    if (cell.value === undefined) throw new PolicyFailure(catalogue.notSettable(cell.name, null), site);
    cell.value = value;
    return value;
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
  #findAttribute(root: Value | undefined, cell: Cell, field: FieldIndex): Value | undefined {
    let found = this.#attributeOf(root, field);
    if (found === undefined && cell.lexical) throw NEEDS_ALL_SCOPES;
    for (let at = this.top - 1; at >= 0 && found === undefined; at -= 1) {
      if (this.#cells[at] === cell) found = this.#attributeOf(this.#values[at], field);
    }
    return found;
  }

  #attributeOf(root: Value | undefined, field: FieldIndex): Value | undefined {
    if (root === undefined || root === null) return undefined;
    if (!(root instanceof Entity)) return plainAttribute(root, field.name);
    const value = root.last[root.isGuest ? field.guest : field.host];
    if (value !== undefined) return value;
    const method = METHODS.get(field.name);
    return method && this.#bound(root, method);
  }

  #bound(entity: Entity, method: Method): Callable {
    const { minArguments, maxArguments, signature, call } = method;
    return new Callable(method.name, [minArguments, maxArguments], signature, (args) => call(this, entity, args, this.site));
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
  callAttribute(root: Value | undefined, cell: Cell, field: FieldIndex, functions: FunctionCell, args: readonly Value[], site: number): Value {
    const full = `${cell.name}.${field.name}`;
    const value = this.#findAttribute(root, cell, field);
    // A field that is nil does not hide a user function, as a nil variable does not.
    if (value !== undefined && value !== null) return this.callValue(full, value, args, site);
    const { definition } = functions;
    if (definition !== null) {
      if (definition.arity !== args.length) return this.cannotCall(functions, args.length, site);
      return definition.code(this, site, ...args);
    }
    if (root instanceof Entity) {
      if (root.layout.index.has(field.name)) return this.fail(catalogue.fieldIsNoMethod(field.name, cell.name), site);
      return this.fail(catalogue.unknownMethod(field.name, near(field.name, [...METHODS.keys()])), site);
    }
    return this.fail(catalogue.unknownFunction(full, null), site);
  }

  callMethod(method: Method, root: Value | undefined, cell: Cell, field: FieldIndex, functions: FunctionCell, args: readonly Value[], site: number): Value {
    const fits = args.length >= method.minArguments && args.length <= method.maxArguments;
    if (fits && root instanceof Entity && !hasField(root, field)) return method.call(this, root, args, site);
    return this.callAttribute(root, cell, field, functions, args, site);
  }

  /** `(root.Control NAME VALUE)`: what policies do most. */
  callControl(root: Value | undefined, cell: Cell, field: FieldIndex, functions: FunctionCell, name: Value, value: Value, site: number): Value {
    if (root instanceof Entity && !hasField(root, field)) return control(this, root, name, value, null, site);
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
    const items = typeof list === 'string' ? [...list] : list;
    if (items === null || typeof items !== 'object' || !isList(items)) return this.fail(catalogue.notIterable(describe(list)), site);
    if (items.length > this.limits.listLength) return this.fail(catalogue.listLength(this.limits.listLength), site);
    const frames = 2 + (weight >> 5);
    this.enter(frames, site);
    const results: Value[] = [];
    for (let at = 0; at < items.length; at += 1) {
      const item = items[at] as Value;
      this.step(weight, site);
      results.push(this.isolate && item instanceof Entity && item.isGuest ? this.#guestBody(item, body) : body(this, item));
    }
    this.leave(frames);
    return results;
  }

  #guestBody(guest: Entity, body: (machine: Machine, item: Value) => Value): Value {
    const { depth, calls, top, journal } = this;
    const requests = journal.requestCount;
    const writes = journal.writeCount;
    const outer = this.#bodyBegan;
    this.#bodyBegan = this.stepsLeft;
    try {
      return body(this, guest);
    } catch (failure) {
      if (!(failure instanceof PolicyFailure) || failure.endsFile) throw failure;
      this.unwind(top);
      this.depth = depth;
      this.calls = calls;
      journal.rollback({ requests, writes });
      journal.dropEntity(guest, this.#fileMark);
      const known = guest.failedIn !== -1 && this.failed.some((other) => other.guest === guest && other.failure.site === failure.site);
      if (!known) this.failed.push({ failure, guest });
      guest.failedIn = this.file;
      return null;
    } finally {
      this.#bodyBegan = outer;
    }
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
  return root.last[root.isGuest ? field.guest : field.host] !== undefined;
}
