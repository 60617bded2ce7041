import type { PolicyScalar } from '../../model/control.ts';
import { catalogue } from '../catalogue.ts';
import type { Entity } from '../values/entity.ts';
import { HISTORY_METHODS } from './history-methods.ts';
import type { Machine } from '../run/machine.ts';
import { nameOf, type Method } from './method.ts';
import type { Via } from '../run/program.ts';
import { METHOD_SIGNATURES as M } from '../types/method-signature.ts';
import { describe, toScalar, type Value } from '../values/values.ts';

// A journal entry costs memory: a loop that only writes must run into the bound on steps early.
export const WRITE_STEPS = 32;

function storable(machine: Machine, method: string, value: Value | undefined, site: number) {
  machine.site = site;
  const copied = toScalar(value ?? null, machine);
  if ('refused' in copied) return machine.fail(catalogue.notStorable(method, describe(copied.refused)), site);
  return copied.scalar;
}

/** Keeps a variable of an entity for later evaluations. Without effect after an error has cost the entity its decisions. */
function remember(machine: Machine, entity: Entity, name: string, value: PolicyScalar, site: number): void {
  machine.step(WRITE_STEPS, site);
  const { variablesPerEntity } = machine.limits;
  if (
    machine.journal.variable(entity, name) === undefined &&
    machine.journal.hasVariables(entity, variablesPerEntity)
  ) {
    machine.fail(catalogue.variables(variablesPerEntity), site);
  }
  if (entity.failedIn !== machine.file) machine.journal.write(entity, name, value);
}

/** `Control`: the last call in an evaluation counts. Without effect after an error has cost the entity its decisions. */
export function control(
  machine: Machine,
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
  journal.request(
    entity,
    text,
    plain,
    why === null ? image.told(site, via) : { via, position: image.positionOf(site), reason: why },
  );
  return null;
}

export const METHOD_LIST: readonly Method[] = [
  ...HISTORY_METHODS,
  {
    name: 'Prop',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.Prop "NAME")',
    types: M.prop,
    doc: 'A property, such as the name of a guest.',
    examples: [{ policy: '(map Guests vm (vm.Prop "name"))', value: '["batch1" "db1" "web1"]' }],
    effect: false,
    names: 'prop',
    window: false,
    since: 'mom',
    call: (machine, entity, [name], site) => {
      const text = nameOf(machine, 'Prop', name, site);
      if (!Object.hasOwn(entity.props, text))
        return machine.fail(catalogue.unknownProp(text, null, Object.keys(entity.props)), site);
      return entity.props[text] ?? null;
    },
  },
  {
    name: 'GetVar',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.GetVar "NAME")',
    types: M.stored,
    doc: 'What SetVar has stored, in this interval or an earlier one; nil when nothing has been.',
    examples: [{ policy: '(Host.GetVar "never stored")', value: 'nil' }],
    effect: false,
    names: 'variable',
    window: false,
    since: 'mom',
    call: (machine, entity, [name], site) =>
      machine.journal.variable(entity, nameOf(machine, 'GetVar', name, site)) ?? null,
  },
  {
    name: 'SetVar',
    minArguments: 2,
    maxArguments: 2,
    signature: '(ENTITY.SetVar "NAME" VALUE)',
    types: M.store,
    doc: 'Stores a number, a text, nil or a list of them until the daemon ends. Its value is nil.',
    examples: [{ policy: '(Host.SetVar "calm" (list 1 2))\n(Host.GetVar "calm")', value: '[1 2]' }],
    effect: true,
    names: 'variable',
    window: false,
    since: 'mom',
    call: (machine, entity, [name, value], site) => {
      const text = nameOf(machine, 'SetVar', name, site);
      remember(machine, entity, text, storable(machine, 'SetVar', value, site), site);
      return null;
    },
  },
  {
    name: 'Control',
    minArguments: 2,
    maxArguments: 3,
    signature: '(ENTITY.Control "NAME" VALUE) (ENTITY.Control "NAME" VALUE "REASON")',
    types: M.control,
    doc: 'Asks for a value of a control; the last call of an interval counts. A third argument says why, for the log. Its value is nil.',
    examples: [
      {
        policy: '(Host.Control "ksm_run" 1 "memory is short")',
        value: 'nil',
        asks: 'Host ksm_run = 1: memory is short',
      },
    ],
    effect: true,
    names: 'control',
    window: false,
    since: 'mom',
    call: (machine, entity, [name, value, reason], site) =>
      control(machine, entity, name ?? null, value ?? null, reason ?? null, null, site),
  },
  {
    name: 'GetControl',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.GetControl "NAME")',
    types: M.asked,
    doc: 'What Control has asked for in this interval; nil when nothing has been.',
    examples: [{ policy: '(Host.Control "ksm_run" 1)\n(Host.GetControl "ksm_run")', value: '1' }],
    effect: false,
    names: 'control',
    window: false,
    since: 'mom',
    call: (machine, entity, [name], site) => {
      const text = nameOf(machine, 'GetControl', name, site);
      for (let request = entity.lastRequest; request !== null; request = request.previous) {
        if (request.live && request.name === text) return request.value;
        machine.step(1, site);
      }
      return null;
    },
  },
  {
    name: '_set_property',
    minArguments: 2,
    maxArguments: 2,
    signature: '(ENTITY._set_property "NAME" VALUE)',
    types: M.setProp,
    doc: "Changes what Prop answers for the rest of this evaluation. MOM's policies can reach it; nothing needs it.",
    examples: [{ policy: '(Host._set_property "name" "gold")\n(Host.Prop "name")', value: '"gold"' }],
    effect: true,
    names: 'prop',
    window: false,
    since: 'mom',
    call: (machine, entity, [name, value], site) => {
      const text = nameOf(machine, '_set_property', name, site);
      const plain = storable(machine, '_set_property', value, site);
      if (plain !== null && typeof plain !== 'string' && typeof plain !== 'number') {
        return machine.fail(catalogue.notStorable('_set_property', describe(value ?? null)), site);
      }
      machine.step(WRITE_STEPS + Object.keys(entity.props).length, site);
      entity.props = { ...entity.props, [text]: plain };
      return null;
    },
  },
];

export const METHODS: ReadonlyMap<string, Method> = new Map(METHOD_LIST.map((method) => [method.name, method]));
