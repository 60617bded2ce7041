import { suggest } from '../../support/suggest.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Entity } from '../values/entity.ts';
import { describe, type Value } from '../values/values.ts';
import type { MethodContext } from './method-context.ts';

/** The implementation of a method. */
export type MethodFunction = (
  machine: MethodContext,
  entity: Entity,
  args: readonly Value[],
  site: number,
  window: GivenWindow | null,
) => Value;

/** `:last N` or `:over DURATION` of a call, with its value. */
export interface GivenWindow {
  readonly kind: 'last' | 'over';
  readonly value: Value;
}

export function nameOf(machine: MethodContext, method: string, value: Value | undefined, site: number): string {
  if (typeof value === 'string') return value;
  // MOM accepts any value as a name; its recorded cases use numbers here.
  if (typeof value === 'number') return String(value);
  return machine.fail(catalogue.textWanted(method, describe(value ?? null)), site);
}

export function fieldIndex(
  machine: MethodContext,
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
