import type { PlainName } from '../builtins/builtins.ts';
import type { Unit } from '../../model/units.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import type { Attribute, Expression, Literal, MethodCall } from '../forms/forms.ts';
import { mapParts } from '../forms/parts.ts';
import type { Kinds } from '../forms/kinds.ts';
import { quantityIn } from '../text/quantity.ts';
import { spanText } from '../text/source.ts';

/** Builtins that read a literal with a unit in the unit of the field beside it. */
export const ADAPTING: ReadonlySet<PlainName> = new Set<PlainName>([
  'add',
  'sub',
  'lt',
  'gt',
  'lte',
  'gte',
  'eq',
  'neq',
  'min',
  'max',
  'clamp',
  'default',
  'hysteresis',
]);
const FIELD_METHODS: ReadonlySet<string> = new Set([
  'Stat',
  'StatAvg',
  'StatMin',
  'StatMax',
  'StatPercentile',
  'StatSameHour',
]);

/**
 * Converts literals with units to the unit of the field or control directly beside them: `(> Host.psi_memory_some_avg10 20%)` compares
 * with 20, because the field is in percent. Other literals stay in the base unit of their dimension.
 */
export function adaptLiterals(
  expressions: readonly Expression[],
  kinds: Kinds,
  vocabulary: Vocabulary,
): readonly Expression[] {
  const adapter = new Adapter(kinds, vocabulary);
  return expressions.map((expression) => adapter.adapt(expression));
}

type UnitsByName = ReadonlyMap<string, Unit>;

class Adapter {
  readonly #kinds: Kinds;
  readonly #fields: Readonly<Record<'host' | 'guest', UnitsByName>>;
  readonly #controls: Readonly<Record<'host' | 'guest', UnitsByName>>;

  constructor(kinds: Kinds, { hostFields, guestFields, controls }: Vocabulary) {
    const units = (items: readonly { readonly name: string; readonly unit: Unit }[]): UnitsByName =>
      new Map(items.map(({ name, unit }) => [name, unit]));
    this.#kinds = kinds;
    this.#fields = { host: units(hostFields), guest: units(guestFields) };
    this.#controls = {
      host: units(controls.filter(({ scope }) => scope === 'host')),
      guest: units(controls.filter(({ scope }) => scope === 'guest')),
    };
  }

  adapt = (expression: Expression): Expression => {
    const inner = mapParts(expression, this.adapt);
    if (inner.kind === 'apply' && ADAPTING.has(inner.builtin.name))
      return this.#adaptArguments(inner, this.#fieldUnit(inner.args));
    if (inner.kind === 'method' && inner.callee.attribute === 'Control')
      return this.#adaptArguments(inner, this.#controlUnit(inner));
    return inner;
  };

  #adaptArguments<T extends Expression & { readonly args: readonly Expression[] }>(call: T, unit: Unit | null): T {
    if (unit === null) return call;
    const args = call.args.map((argument) => (argument.kind === 'literal' ? inUnit(argument, unit) : argument));
    return args.every((argument, at) => argument === call.args[at]) ? call : { ...call, args };
  }

  #fieldUnit(args: readonly Expression[]): Unit | null {
    for (const argument of args) {
      const unit =
        argument.kind === 'attribute'
          ? this.#unitOf(argument.root, argument.attribute, this.#fields)
          : argument.kind === 'method'
            ? this.#statUnit(argument)
            : null;
      if (unit !== null) return unit;
    }
    return null;
  }

  #statUnit({ callee, args: [name] }: MethodCall): Unit | null {
    if (!FIELD_METHODS.has(callee.attribute) || name?.kind !== 'literal' || typeof name.value !== 'string') return null;
    return this.#unitOf(callee.root, name.value, this.#fields);
  }

  #controlUnit({ callee, args: [name] }: MethodCall): Unit | null {
    if (name?.kind !== 'literal' || typeof name.value !== 'string') return null;
    return this.#unitOf(callee.root, name.value, this.#controls);
  }

  /** The unit of a field or control, if all candidates for the name have the same. */
  #unitOf(
    root: Attribute['root'],
    name: string,
    declared: Readonly<Record<'host' | 'guest', UnitsByName>>,
  ): Unit | null {
    const kinds = this.#kinds.of(root);
    const units = (['host', 'guest'] as const)
      .filter((owner) => kinds.has('any') || kinds.has(owner))
      .flatMap((owner) => declared[owner].get(name) ?? []);
    return units.every((unit) => unit === units[0]) ? (units[0] ?? null) : null;
  }
}

function inUnit(literal: Literal, unit: Unit): Literal {
  if (literal.base === null || literal.base === unit) return literal;
  // Uses the source text: 7% beside a field in percent is 7, not 100 times 0.07.
  const quantity = quantityIn(spanText(literal.span), unit);
  return quantity ? { ...literal, value: quantity.value, base: unit } : literal;
}

/** Whether any literal has a unit. */
export function hasUnits(all: readonly Expression[]): boolean {
  return all.some((each) => each.kind === 'literal' && each.base !== null);
}
