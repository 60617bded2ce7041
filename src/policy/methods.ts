import type { Sample } from '../model/field.ts';
import { catalogue } from './catalogue.ts';
import type { Entity } from './entity.ts';
import type { Machine } from './machine.ts';
import { near } from './near.ts';
import { describe, toScalar, type Value } from './values.ts';

/** What `(entity.Name …)` can call. */
export interface Method {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly signature: string;
  readonly doc: string;
  /** Whether a call can change anything: `and` and `or` skip what cannot. */
  readonly effect: boolean;
  /** What its first argument names, if it is text: the checker looks it up. */
  readonly names: 'field' | 'prop' | 'control' | 'variable';
  readonly call: (machine: Machine, entity: Entity, args: readonly Value[], site: number) => Value;
}

// A journal entry costs memory: a loop that only writes must run into the bound on steps early.
const WRITE_STEPS = 32;

function nameOf(machine: Machine, method: string, value: Value | undefined, site: number): string {
  if (typeof value === 'string') return value;
  // MOM takes anything as a name; its data has numbers in this place.
  if (typeof value === 'number') return String(value);
  return machine.fail(catalogue.textWanted(method, describe(value ?? null)), site);
}

function fieldIndex(machine: Machine, entity: Entity, method: string, value: Value | undefined, site: number): number {
  const name = nameOf(machine, method, value, site);
  const index = entity.layout.index.get(name);
  if (index === undefined) return machine.fail(catalogue.unknownField(name, near(name, entity.layout.names), entity.label), site);
  return index;
}

export function stat(machine: Machine, entity: Entity, index: number, name: Value, site: number): Value {
  if (entity.samples.length === 0) return machine.fail(catalogue.noSamples(String(name), entity.label), site);
  return entity.last[index] ?? null;
}

/** The mean over the samples that have the field and are not nil; 0 when there is none. */
export function statAverage(machine: Machine, entity: Entity, index: number, name: Value, site: number): number {
  const { samples } = entity;
  let sum = 0;
  let count = 0;
  for (let at = 0; at < samples.length; at += 1) {
    const value = (samples[at] as Sample)[index];
    if (typeof value === 'number') {
      sum += value;
      count += 1;
    } else if (typeof value === 'boolean') {
      sum += value ? 1 : 0;
      count += 1;
    } else if (value !== null && value !== undefined) {
      return machine.fail(catalogue.noNumber(String(name), describe(value)), site);
    }
  }
  if (count > 0) return sum / count;
  return samples.length > 0 ? 0 : machine.fail(catalogue.noSamples(String(name), entity.label), site);
}

function storable(machine: Machine, method: string, value: Value | undefined, site: number) {
  machine.site = site;
  const copied = toScalar(value ?? null, machine);
  if ('refused' in copied) return machine.fail(catalogue.notStorable(method, describe(copied.refused)), site);
  return copied.scalar;
}

/** `Control`: the last call in an evaluation counts. Without effect after an error has cost the entity its decisions. */
export function control(machine: Machine, entity: Entity, name: Value, value: Value, reason: Value, site: number): null {
  const text = typeof name === 'string' ? name : nameOf(machine, 'Control', name, site);
  const plain = typeof value === 'number' ? value : storable(machine, 'Control', value, site);
  if (reason !== null && typeof reason !== 'string') {
    return machine.fail(catalogue.textWanted('the reason of Control', describe(reason)), site);
  }
  machine.step(WRITE_STEPS, site);
  if (entity.failedIn !== machine.file) machine.journal.request(entity, text, plain, reason, site);
  return null;
}

export const METHOD_LIST: readonly Method[] = [
  {
    name: 'Stat',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.Stat "FIELD")',
    doc: 'The field in the last sample, nil when it is not there; ENTITY.FIELD is the short form.',
    effect: false,
    names: 'field',
    call: (machine, entity, [name], site) =>
      stat(machine, entity, fieldIndex(machine, entity, 'Stat', name, site), name ?? null, site),
  },
  {
    name: 'StatAvg',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.StatAvg "FIELD")',
    doc: 'The mean of the field over the samples in which it is not nil; 0 when it is nil in all.',
    effect: false,
    names: 'field',
    call: (machine, entity, [name], site) => {
      machine.step(entity.samples.length, site);
      return statAverage(machine, entity, fieldIndex(machine, entity, 'StatAvg', name, site), name ?? null, site);
    },
  },
  {
    name: 'Prop',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.Prop "NAME")',
    doc: 'A property, such as the name of a guest.',
    effect: false,
    names: 'prop',
    call: (machine, entity, [name], site) => {
      const text = nameOf(machine, 'Prop', name, site);
      if (!Object.hasOwn(entity.props, text)) return machine.fail(catalogue.unknownProp(text, null, Object.keys(entity.props)), site);
      return entity.props[text] ?? null;
    },
  },
  {
    name: 'GetVar',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.GetVar "NAME")',
    doc: 'What SetVar has stored, in this interval or an earlier one; nil when nothing has been.',
    effect: false,
    names: 'variable',
    call: (machine, entity, [name], site) => machine.journal.variable(entity, nameOf(machine, 'GetVar', name, site)) ?? null,
  },
  {
    name: 'SetVar',
    minArguments: 2,
    maxArguments: 2,
    signature: '(ENTITY.SetVar "NAME" VALUE)',
    doc: 'Stores a number, a text, nil or a list of them until the daemon ends. Its value is nil.',
    effect: true,
    names: 'variable',
    call: (machine, entity, [name, value], site) => {
      const text = nameOf(machine, 'SetVar', name, site);
      const plain = storable(machine, 'SetVar', value, site);
      machine.step(WRITE_STEPS, site);
      const { variablesPerEntity } = machine.limits;
      if (machine.journal.variable(entity, text) === undefined && machine.journal.variableCount(entity) >= variablesPerEntity) {
        machine.fail(catalogue.variables(variablesPerEntity), site);
      }
      if (entity.failedIn !== machine.file) machine.journal.write(entity, text, plain);
      return null;
    },
  },
  {
    name: 'Control',
    minArguments: 2,
    maxArguments: 3,
    signature: '(ENTITY.Control "NAME" VALUE)',
    doc: 'Asks for a value of a control; the last call of an interval counts. A third argument says why, for the log. Its value is nil.',
    effect: true,
    names: 'control',
    call: (machine, entity, [name, value, reason], site) => control(machine, entity, name ?? null, value ?? null, reason ?? null, site),
  },
  {
    name: 'GetControl',
    minArguments: 1,
    maxArguments: 1,
    signature: '(ENTITY.GetControl "NAME")',
    doc: 'What Control has asked for in this interval; nil when nothing has been.',
    effect: false,
    names: 'control',
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
    doc: "Changes what Prop answers for the rest of this evaluation. MOM's policies can reach it; nothing needs it.",
    effect: true,
    names: 'prop',
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
