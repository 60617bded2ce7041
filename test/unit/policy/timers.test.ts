import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, forgetGuests, remember, type PolicyMemory } from '../../../src/model/memory.ts';
import { evaluate, loadPolicy, type Program } from '../../../src/policy/index.ts';
import { inputOf } from './support.ts';

const FORMS = {
  'held-for': '(held-for "low" 1 1h)',
  every: '(every 1h 1)',
  cooldown: '(cooldown 1h (ENTITY.Control "c" 1))',
};
/** The time of the first evaluation; a time of 0 is long before it. */
const START_MS = 1e12;

type Form = keyof typeof FORMS;
type Owner = 'Host' | 'g';

/** A program that evaluates a form for the host or for each guest, after another expression for the same entity. */
function programOf(form: Form, owner: Owner, before = ''): Program {
  const body = `{ ${before} (ENTITY.Control "seen" ${FORMS[form]}) }`.replaceAll('ENTITY', owner);
  const text = owner === 'Host' ? body : `(with Guests g ${body})`;
  const { program, diagnostics } = loadPolicy([{ file: 'p', text }]);
  if (program === null) throw new Error(diagnostics[0]?.message);
  return program;
}

/** The requests of evaluations ten seconds apart, and the memory after them. */
function run(program: Program, count = 3) {
  let memory: PolicyMemory = EMPTY_MEMORY;
  const requests = Array.from({ length: count }, (_, at) => {
    const input = { ...inputOf({}, { a: { m: 1 }, b: { m: 1 } }), timeMs: START_MS + at * 10_000 };
    const { decision, writes } = evaluate(program, input, memory);
    expect(decision.errors).toEqual([]);
    memory = remember(memory, writes);
    return decision.requests.map(({ guest, name, value }) => `${guest?.name ?? 'Host'} ${name}=${value}`);
  });
  return { requests, memory };
}

/** The names of stored timers of the host and the guests. */
const namesIn = ({ timers: { host, guests } }: PolicyMemory): string[] => [
  ...new Set([host, ...guests.values()].flatMap((timers) => [...timers.keys()])),
];

const quoted = (text: string): string => JSON.stringify(text);

describe.each(Object.keys(FORMS) as Form[])('%s', (form) => {
  describe.each(['Host', 'g'] as const)('for %s', (owner) => {
    const honest = run(programOf(form, owner));
    const names = [...namesIn(honest.memory), 'evaluated at'];

    test('stores its time separately from variables', () => {
      expect(names.length).toBeGreaterThan(1);
      expect([honest.memory.host, honest.memory.guests]).toEqual([new Map(), new Map()]);
      expect(honest.memory.timers.evaluatedMs).toBe(START_MS + 20_000);
    });

    test.each([
      ['long ago', '0'],
      ['since the beginning', '(list 0 (Host.GetVar "evaluated at"))'],
      ['the times of the evaluations', `(list 0 ${START_MS})`],
      ['never', 'nil'],
    ])('is not changed by SetVar: %s', (_, value) => {
      const attack = names.flatMap((name) => [
        `(ENTITY.SetVar ${quoted(name)} ${value})`,
        `(Host.SetVar ${quoted(name)} ${value})`,
      ]);
      expect(run(programOf(form, owner, attack.join(' '))).requests).toEqual(honest.requests);
    });

    test('is not visible to GetVar', () => {
      const read = names.map((name) => `(ENTITY.Control "read" (null (ENTITY.GetVar ${quoted(name)})))`);
      const { requests } = run(programOf(form, owner, read.join(' ')));
      const found = requests.flat().filter((each) => each.includes(' read='));
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter((each) => !each.endsWith('read=true'))).toEqual([]);
    });

    test('is not affected by any SetVar', () => {
      const value = fc.oneof(
        fc.constantFrom('nil', '0', '1e300', '""', '(list)', '(list 0 0)', `(list 0 ${START_MS})`),
        fc.tuple(fc.integer(), fc.integer()).map(([a, b]) => `(list ${a} ${b})`),
        fc.integer().map(String),
      );
      const name = fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[a-z0-9 (]{0,20}$/));
      const write = fc
        .tuple(fc.constantFrom('ENTITY', 'Host'), name, value)
        .map(([who, what, stored]) => `(${who}.SetVar ${quoted(what)} ${stored})`);
      fc.assert(
        fc.property(fc.array(write, { maxLength: 6 }), (writes) => {
          expect(run(programOf(form, owner, writes.join(' '))).requests).toEqual(honest.requests);
        }),
        { numRuns: 60, seed: 1 },
      );
    });
  });
});

test('a variable with the name of a timer is an ordinary variable', () => {
  const text = `(Host.Control "before" (Host.GetVar "evaluated at")) (Host.SetVar "evaluated at" 7)
    (held-for "low" 1 1h) (Host.SetVar "held-for low" "mine")`;
  const { program } = loadPolicy([{ file: 'p', text }]);
  const { requests, memory } = run(program!, 2);
  expect(requests).toEqual([['Host before=null'], ['Host before=7']]);
  expect(memory.host).toEqual(
    new Map<string, unknown>([
      ['evaluated at', 7],
      ['held-for low', 'mine'],
    ]),
  );
});

test('a condition that is false stores nothing', () => {
  const { program } = loadPolicy([{ file: 'p', text: '(held-for "early" (< Host.t 1) 1h)' }]);
  let memory = EMPTY_MEMORY;
  for (const t of [0, 1]) memory = remember(memory, evaluate(program!, inputOf({ t }), memory).writes);
  expect(memory.timers.host).toEqual(new Map());
});

test('drops the timers of a removed guest and keeps the others', () => {
  const { memory } = run(programOf('held-for', 'g'));
  const left = forgetGuests(memory, (uuid) => uuid === 'uuid of a');
  expect([...left.timers.guests.keys()]).toEqual(['uuid of b']);
  expect(left.timers.evaluatedMs).toBe(START_MS + 20_000);
  expect(forgetGuests(left, () => false)).toBe(left);
});

test('variables and timers have separate limits', () => {
  const limits = { variablesPerEntity: 2, timersPerEntity: 2 };
  const program = (...held: number[]) =>
    loadPolicy(
      [
        {
          file: 'p',
          text: `(Host.SetVar "a" 1) (Host.SetVar "b" 1) (map (list ${held.join(' ')}) n (held-for (format "{}" n) 1 1h))`,
        },
      ],
      { limits },
    ).program!;
  expect(evaluate(program(1, 2), inputOf(), EMPTY_MEMORY).diagnostics).toEqual([]);
  expect(evaluate(program(1, 2, 3), inputOf(), EMPTY_MEMORY).diagnostics.map(({ message }) => message)).toEqual([
    'held-for, every, cooldown, hysteresis and mark keep at most 2 timers per entity',
  ]);
});
