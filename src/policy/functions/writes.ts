import type { PolicyScalar } from '../../model/control.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Entity } from '../values/entity.ts';
import type { Via } from '../values/requested.ts';
import { ENTRY_BYTES } from '../values/costs.ts';
import { storedSize } from '../values/stored-size.ts';
import { describe, toScalar, type Value } from '../values/values.ts';
import type { MethodContext } from './method-context.ts';
import { nameOf } from './method.ts';

// A journal entry uses memory: a loop that only writes must reach the step limit early.
export const WRITE_STEPS = 32;

/** The name of a control and a short reason are part of the memory of the request. */
const SMALL_UNITS = 128;

export function storable(machine: MethodContext, method: string, value: Value | undefined, site: number) {
  machine.site = site;
  const copied = toScalar(value ?? null, machine);
  if ('refused' in copied) return machine.fail(catalogue.notStorable(method, describe(copied.refused)), site);
  return copied.scalar;
}

/** Stores a variable of an entity for later evaluations. No effect after an error has dropped the decisions of the entity. */
export function storeVariable(
  machine: MethodContext,
  entity: Entity,
  name: string,
  value: PolicyScalar,
  site: number,
): void {
  machine.step(WRITE_STEPS, site);
  const { variablesPerEntity } = machine.limits;
  if (
    machine.journal.variable(entity, name) === undefined &&
    machine.journal.hasVariables(entity, variablesPerEntity)
  ) {
    machine.fail(catalogue.variables(variablesPerEntity), site);
  }
  const { keptSize } = machine.limits;
  if (!machine.journal.hasRoomFor(entity, name, value, keptSize)) machine.fail(catalogue.keptSize(keptSize), site);
  machine.take(ENTRY_BYTES, site);
  if (entity.failedIn !== machine.file) machine.journal.write(entity, name, value);
}

/** `Control`: the last call in an evaluation wins. No effect after an error has dropped the decisions of the entity. */
export function control(
  machine: MethodContext,
  entity: Entity,
  name: Value,
  value: Value,
  reason: Value,
  via: Via,
  site: number,
): null {
  const text = typeof name === 'string' ? name : nameOf(machine, 'Control', name, site);
  const plain = typeof value === 'number' ? value : storable(machine, 'Control', value, site);
  if (reason !== null && typeof reason !== 'string') {
    return machine.fail(catalogue.textWanted('the reason of Control', describe(reason)), site);
  }
  machine.step(WRITE_STEPS, site);
  if (entity.failedIn === machine.file) return null;
  const { image, journal } = machine;
  const why = reason ?? machine.reason;
  machine.take(ENTRY_BYTES, site);
  // The texts are shared here; the log and the recording write them out.
  const units = text.length + (typeof plain === 'number' ? 0 : storedSize(plain)) + (why?.length ?? 0);
  if (units > SMALL_UNITS) machine.putOut(units, site);
  journal.request(
    entity,
    text,
    plain,
    why === null ? image.originOf(site, via) : { via, position: image.positionOf(site), reason: why },
  );
  return null;
}
