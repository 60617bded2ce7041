import type { Described } from '../builtins/declare.ts';
import { catalogue } from '../catalogue.ts';
import type { Entity } from '../values/entity.ts';
import type { Machine } from '../run/machine.ts';
import type { MethodSignature } from '../types/method-signature.ts';
import { suggest } from '../../support/suggest.ts';
import { describe, type Value } from '../values/values.ts';

/** What `(entity.Name …)` can call. */
export interface Method extends Described {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly types: MethodSignature;
  /** Whether a call can change anything: `and` and `or` skip what cannot. */
  readonly effect: boolean;
  /** What its first argument names, if it is text: the checker looks it up. */
  readonly names: 'field' | 'prop' | 'control' | 'variable';
  /** Whether it takes `:last N` or `:over DURATION` after its arguments. */
  readonly window: boolean;
  /** `ballast`: MOM's policies may have a function of this name, which then comes first. */
  readonly since: 'mom' | 'ballast';
  readonly call: (
    machine: Machine,
    entity: Entity,
    args: readonly Value[],
    site: number,
    window: GivenWindow | null,
  ) => Value;
}

/** `:last N` or `:over DURATION` of a call, with its value. */
export interface GivenWindow {
  readonly kind: 'last' | 'over';
  readonly value: Value;
}

export function nameOf(machine: Machine, method: string, value: Value | undefined, site: number): string {
  if (typeof value === 'string') return value;
  // MOM takes anything as a name; its data has numbers in this place.
  if (typeof value === 'number') return String(value);
  return machine.fail(catalogue.textWanted(method, describe(value ?? null)), site);
}

export function fieldIndex(
  machine: Machine,
  entity: Entity,
  method: string,
  value: Value | undefined,
  site: number,
): number {
  const name = nameOf(machine, method, value, site);
  const index = entity.layout.index.get(name);
  if (index === undefined)
    return machine.fail(catalogue.unknownField(name, suggest(name, entity.layout.names), entity.label), site);
  return index;
}
