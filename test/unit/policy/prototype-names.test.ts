import { describe, expect, test } from 'vitest';
import { builtinPlugins } from '../../../src/compose/plugins.ts';
import { decodeMemory, encodeMemory } from '../../../src/recording/memory.ts';
import { EMPTY_MEMORY } from '../../../src/model/memory.ts';
import { loadPolicy } from '../../../src/policy/index.ts';

/** Names that every object of JavaScript has: a table of names must not find them. */
const NAMES = Object.getOwnPropertyNames(Object.prototype);

const { vocabulary } = builtinPlugins();
const codes = (text: string): string[] =>
  loadPolicy([{ file: 'a.policy', text }], { vocabulary }).diagnostics.map(({ code }) => code);

/** The same for any other name; names of JavaScript have nothing to suggest, as `qzx` has not. */
const PROGRAMS: Readonly<Record<string, (name: string) => string>> = {
  'a variable': (name) => `(defvar ${name} 1)\n${`(+ ${name} 1)\n`.repeat(300)}`,
  'a function': (name) => `(def ${name} (a) { (* a 2) })\n(Host.Control "ksm_run" (${name} 1))`,
  'a parameter of a function': (name) => `(def f (${name}) { (* ${name} 2) })\n(Host.Control "ksm_run" (f 1))`,
  'a binding': (name) => `(let ((${name} 1)) (Host.Control "ksm_run" ${name}))`,
  'a loop variable': (name) => `(with Guests ${name} (${name}.Control "balloon_target" ${name}.balloon_max))`,
  'a stored variable': (name) => `(Host.SetVar "${name}" 1)\n(Host.Control "ksm_run" (Host.GetVar "${name}"))`,
  'a parameter': (name) => `(param ${name} 1)\n(Host.Control "ksm_run" ${name})`,
  'an unknown variable': (name) => `(Host.Control "ksm_run" ${name})`,
  'an unknown function': (name) => `(Host.Control "ksm_run" (${name} 1 2))`,
  'an unknown field': (name) => `(Host.Control "ksm_run" Host.${name})`,
  'an unknown method': (name) => `(Host.${name} "a" 1)`,
  'an unknown control': (name) => `(Host.Control "${name}" 1)`,
  'an unknown property': (name) => `(with Guests vm (vm.Control "balloon_target" (vm.Prop "${name}")))`,
  'an unknown keyword': (name) => `(param share 1 :${name.replaceAll('_', '')} 2)\n(Host.Control "ksm_run" share)`,
};

describe.each(Object.entries(PROGRAMS))('%s', (_, program) => {
  test.each(NAMES)('called %s is as any other', (name) => {
    expect(codes(program(name))).toEqual(codes(program('qzx')));
  });
});

test.each(NAMES)('a variable called %s is recorded', (name) => {
  const memory = { ...EMPTY_MEMORY, host: new Map([[name, 1]]), guests: new Map([[name, new Map([[name, 2]])]]) };
  const text = JSON.stringify(encodeMemory(memory));
  expect(decodeMemory(JSON.parse(text) as ReturnType<typeof encodeMemory>)).toMatchObject({
    host: memory.host,
    guests: memory.guests,
  });
});
