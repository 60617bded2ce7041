import { FUNCTION_VALUES } from '../builtins/function-values.ts';
import { ABSENT, type Cell, type FieldIndex, type FunctionCell, NEEDS_ALL_SCOPES } from '../image/cells.ts';
import { catalogue } from '../messages/catalogue.ts';
import { Disk, Entity, HostNode } from '../values/entity.ts';
import { stat, statAverage } from '../functions/history-methods.ts';
import type { GivenWindow } from '../functions/method.ts';
import { RUNNABLE_METHODS, type RunnableMethod } from '../functions/methods.ts';
import type { PlainFunction } from '../functions/plain-function.ts';
import { control } from '../functions/writes.ts';
import { METHODS } from '../builtins/methods.ts';
import { Loops } from './loops.ts';
import { suggest } from '../../support/suggest.ts';
import { attributeOfDisk } from '../functions/disks.ts';
import { nodeAttribute } from '../values/host-node.ts';
import { Row } from '../values/row.ts';
import { plainAttribute } from '../values/plain-attributes.ts';
import type { Via } from '../values/requested.ts';
import { CALLABLE_BYTES } from '../values/costs.ts';
import { Callable, describe, type Value } from '../values/values.ts';

/** Looks up names and attributes, and calls functions and methods. */
export abstract class Calls extends Loops {
  unknown(cell: Cell, site: number): never {
    const names = this.image.cells.filter(({ value }) => value !== undefined).map(({ name }) => name);
    const isFunction = this.image.functions.some(({ name, definition }) => name === cell.name && definition !== null);
    return this.fail(catalogue.unknownName(cell.name, suggest(cell.name, names), isFunction), site);
  }

  /** `root.attribute`, if the innermost root is not an entity with the field. */
  attribute(root: Value | undefined, cell: Cell, field: FieldIndex, site: number): Value {
    const found = this.#findAttribute(root, cell, field, site);
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
      return this.fail(catalogue.unknownField(field.name, suggest(field.name, root.layout.names), root.label), site);
    }
    return this.fail(catalogue.noAttribute(full, cell.name, field.name, describe(root)), site);
  }

  /** Finds the innermost root that has the attribute, searching the outer scopes in turn. */
  #findAttribute(
    root: Value | undefined,
    cell: Cell,
    field: FieldIndex,
    site: number,
    window: GivenWindow | null = null,
  ): Value | undefined {
    this.site = site;
    const found = this.#attributeOf(root, field, window);
    if (found !== undefined) return found;
    if (cell.lexical) throw NEEDS_ALL_SCOPES;
    return this.findOutside(cell, site, (value) => this.#attributeOf(value, field, window));
  }

  #attributeOf(root: Value | undefined, field: FieldIndex, window: GivenWindow | null): Value | undefined {
    if (root === undefined || root === null) return undefined;
    // The attribute may be a function of its own, which a list can keep.
    if (!(root instanceof Entity)) {
      if (root instanceof HostNode) return nodeAttribute(root, field.name, this);
      if (root instanceof Disk) return attributeOfDisk(this, root, field.name);
      this.take(CALLABLE_BYTES, this.site);
      return plainAttribute(root, field.name);
    }
    const value = root.last[root.isGuest ? field.guest : field.host];
    if (value !== undefined) return value;
    if (field.name === 'statistics') return this.#rowsOf(root);
    const method = RUNNABLE_METHODS.get(field.name);
    return method && this.#bound(root, method, window);
  }

  /** Its samples, oldest first. */
  #rowsOf({ layout, samples, firstRecent }: Entity): readonly Row[] {
    this.charge(samples.length - firstRecent);
    return samples.slice(firstRecent).map((sample) => new Row(layout, sample));
  }

  #bound(entity: Entity, method: RunnableMethod, window: GivenWindow | null): Callable {
    const { minArguments, maxArguments, signature, call } = method;
    this.take(CALLABLE_BYTES, this.site);
    return new Callable(method.name, [minArguments, maxArguments], signature, (args) =>
      call(this, entity, args, this.site, window),
    );
  }

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

  /** Fails with the reason why a user function cannot be called. */
  cannotCall(cell: FunctionCell, given: number, site: number): never {
    const { definition } = cell;
    if (definition?.fault) return this.fail(definition.fault, site);
    if (definition === null) {
      const known = this.image.functions.filter((other) => other.definition !== null).map(({ name }) => name);
      return this.fail(
        catalogue.unknownFunction(cell.name, suggest(cell.name, [...known, ...FUNCTION_VALUES.keys()])),
        site,
      );
    }
    return this.fail(catalogue.arity(cell.name, definition.arity, definition.arity, given, null), site);
  }

  /** `(root.attribute …)` if the fast path finds no method. */
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
    const value = this.#findAttribute(root, cell, field, site, window);
    // Like a nil variable, a nil field does not shadow a user function.
    if (value !== undefined && value !== null) return this.callValue(full, value, args, site);
    const { definition } = functions;
    if (definition !== null) {
      if (window !== null) return this.fail(catalogue.unknownKeyword(window.kind, full, []), site);
      if (definition.arity !== args.length) return this.cannotCall(functions, args.length, site);
      return definition.code(this, site, ...args);
    }
    if (root instanceof Entity) {
      if (root.layout.index.has(field.name)) return this.fail(catalogue.fieldIsNoMethod(field.name, cell.name), site);
      return this.fail(catalogue.unknownMethod(field.name, suggest(field.name, [...METHODS.keys()])), site);
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

  /** `(root.Control NAME VALUE)`: the most frequent call of policies. */
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

  /** `(root.StatAvg "field")` and `(root.Stat "field")` with a known field index. */
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
        this.step(root.samples.length - root.firstRecent, site);
        return statAverage(this, root, index, wanted.name, site);
      }
    }
    return this.callAttribute(root, cell, field, functions, [wanted.name], site);
  }
}

function hasField(root: Entity, field: FieldIndex): boolean {
  const index = root.isGuest ? field.guest : field.host;
  return index !== ABSENT && root.last[index] !== undefined;
}
