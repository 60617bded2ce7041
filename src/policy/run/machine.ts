import type { Cell, Definition, FieldIndex, FunctionCell } from '../image/cells.ts';
import { ABSENT, NEEDS_ALL_SCOPES } from '../image/cells.ts';
import { catalogue } from '../messages/catalogue.ts';
import { FUNCTION_VALUES } from '../builtins/function-values.ts';
import { Entity } from '../values/entity.ts';
import type { Journal, Mark } from './journal.ts';
import { stat, statAverage } from '../functions/history-methods.ts';
import type { GivenWindow } from '../functions/method.ts';
import { RUNNABLE_METHODS, type RunnableMethod } from '../functions/methods.ts';
import type { PlainFunction } from '../functions/plain-functions.ts';
import { control, remember } from '../functions/writes.ts';
import { METHODS } from '../builtins/methods.ts';
import type { ParamValues } from '../params/params.ts';
import { Loops } from './loops.ts';
import { heldFor, isDue, type Times } from './pace.ts';
import { near } from '../../support/near.ts';
import { plainAttribute } from '../values/plain-attributes.ts';
import type { Via } from '../values/requested.ts';
import type { Image } from '../image/image.ts';
import { Callable, describe, isList, type Value } from '../values/values.ts';

/**
 * The state of an evaluation, and what compiled code does besides plain arithmetic. A program has one machine and uses it
 * again and again: its arrays keep their size.
 */
export class Machine extends Loops {
  /** An evaluation is under way. */
  busy = false;
  /** The values of the top-level expressions; null when nobody asked for them. */
  results: Value[] | null = null;
  host!: Entity;
  /** What the operator has set for the policy's parameters. */
  params: ParamValues | null = null;
  /** What `debug` has said, with the sites. */
  said: { readonly text: string; readonly site: number }[] = [];

  #times: Times = { nowMs: 0, beforeMs: null };

  begin(
    image: Image,
    journal: Journal,
    times: Times,
    isolate: boolean,
    clock: (() => number) | null,
    params: ParamValues | null,
    results: Value[] | null,
  ): void {
    this.#times = times;
    this.params = params;
    this.forgetOwnParams();
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
    this.fileMark = this.journal.mark();
    return this.fileMark;
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
    if (root === undefined)
      return this.fail(
        field.guest === ABSENT
          ? catalogue.unknownName(full, null, false)
          : catalogue.unknownEntity(full, null, cell.name),
        site,
      );
    if (root instanceof Entity) {
      return this.fail(catalogue.unknownField(field.name, near(field.name, root.layout.names), root.label), site);
    }
    return this.fail(catalogue.noAttribute(full, cell.name, field.name, describe(root)), site);
  }

  /** The innermost root that has the attribute counts: outer scopes are tried in turn. */
  #findAttribute(
    root: Value | undefined,
    cell: Cell,
    field: FieldIndex,
    window: GivenWindow | null = null,
  ): Value | undefined {
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
    const method = RUNNABLE_METHODS.get(field.name);
    return method && this.#bound(root, method, window);
  }

  #bound(entity: Entity, method: RunnableMethod, window: GivenWindow | null): Callable {
    const { minArguments, maxArguments, signature, call } = method;
    return new Callable(method.name, [minArguments, maxArguments], signature, (args) =>
      call(this, entity, args, this.site, window),
    );
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

  callPlain(apply: PlainFunction, args: readonly Value[], site: number): Value {
    this.site = site;
    return apply(args, this);
  }

  /** A user function that cannot be called this way. */
  cannotCall(cell: FunctionCell, given: number, site: number): never {
    const { definition } = cell;
    if (definition?.fault) return this.fail(definition.fault, site);
    if (definition === null) {
      const known = this.image.functions.filter((other) => other.definition !== null).map(({ name }) => name);
      return this.fail(
        catalogue.unknownFunction(cell.name, near(cell.name, [...known, ...FUNCTION_VALUES.keys()])),
        site,
      );
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
    const isMethod = root === undefined && METHODS.has(field.name);
    return this.fail(
      isMethod ? catalogue.methodOfNothing(full, cell.name) : catalogue.unknownFunction(full, null),
      site,
    );
  }

  callMethod(
    method: RunnableMethod,
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
  callControl(
    root: Value | undefined,
    cell: Cell,
    field: FieldIndex,
    functions: FunctionCell,
    name: Value,
    value: Value,
    via: Via,
    site: number,
  ): Value {
    if (root instanceof Entity && !hasField(root, field)) return control(this, root, name, value, null, via, site);
    return this.callAttribute(root, cell, field, functions, [name, value], site);
  }

  /** `(root.StatAvg "field")` and `(root.Stat "field")` with the field's place known. */
  callStat(
    average: boolean,
    root: Value | undefined,
    cell: Cell,
    field: FieldIndex,
    functions: FunctionCell,
    wanted: FieldIndex,
    site: number,
  ): Value {
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

  // Settings, reasons and time

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
    for (
      let next: Definition | null = around;
      next !== null && !seen.has(next) && next.calledFrom !== -1;
      next = this.image.choiceAbove(next.calledFrom)
    ) {
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
