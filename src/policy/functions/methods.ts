import { METHOD_LIST, type MethodName } from '../builtins/methods.ts';
import { suggest } from '../../support/suggest.ts';
import { catalogue } from '../messages/catalogue.ts';
import { ENTRY_BYTES } from '../values/costs.ts';
import { describe } from '../values/values.ts';
import { HISTORY_FUNCTIONS } from './history-methods.ts';
import { nameOf, type MethodFunction } from './method.ts';
import { control, storeVariable, storable, WRITE_STEPS } from './writes.ts';

const METHOD_FUNCTIONS: Readonly<Record<MethodName, MethodFunction>> = {
  ...HISTORY_FUNCTIONS,
  Prop: (machine, entity, [name], site) => {
    const text = nameOf(machine, 'Prop', name, site);
    if (!Object.hasOwn(entity.props, text))
      return machine.fail(catalogue.unknownProp(text, null, Object.keys(entity.props)), site);
    return entity.props[text] ?? null;
  },
  Param: (machine, entity, [name], site) => {
    const text = nameOf(machine, 'Param', name, site);
    return (
      machine.paramOf(entity, text) ??
      machine.fail(catalogue.unknownParam(text, suggest(text, machine.image.params), machine.image.params), site)
    );
  },
  GetVar: (machine, entity, [name], site) =>
    machine.journal.variable(entity, nameOf(machine, 'GetVar', name, site)) ?? null,
  SetVar: (machine, entity, [name, value], site) => {
    const text = nameOf(machine, 'SetVar', name, site);
    storeVariable(machine, entity, text, storable(machine, 'SetVar', value, site), site);
    return null;
  },
  Control: (machine, entity, [name, value, reason], site) =>
    control(machine, entity, name ?? null, value ?? null, reason ?? null, null, site),
  GetControl: (machine, entity, [name], site) => {
    const text = nameOf(machine, 'GetControl', name, site);
    for (let request = entity.lastRequest; request !== null; request = request.previous) {
      if (request.live && request.name === text) return request.value;
      machine.step(1, site);
    }
    return null;
  },
  _set_property: (machine, entity, [name, value], site) => {
    const text = nameOf(machine, '_set_property', name, site);
    const plain = storable(machine, '_set_property', value, site);
    if (plain !== null && typeof plain !== 'string' && typeof plain !== 'number') {
      return machine.fail(catalogue.notStorable('_set_property', describe(value ?? null)), site);
    }
    machine.step(WRITE_STEPS + Object.keys(entity.props).length, site);
    machine.take(ENTRY_BYTES, site);
    entity.props = { ...entity.props, [text]: plain };
    return null;
  },
};

/** A method with its implementation, for compiled code. */
export interface RunnableMethod {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly signature: string;
  readonly call: MethodFunction;
}

export const RUNNABLE_METHODS: ReadonlyMap<string, RunnableMethod> = new Map(
  METHOD_LIST.map(({ name, minArguments, maxArguments, signature }) => [
    name,
    { name, minArguments, maxArguments, signature, call: METHOD_FUNCTIONS[name] },
  ]),
);
