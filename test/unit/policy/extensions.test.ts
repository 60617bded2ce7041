import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, remember, type PolicyMemory } from '../../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../../src/policy/index.ts';
import { inputOf, type Values } from './support.ts';

/** One line of extensions.jsonl: extensions of MOM's language. `error` is part of the first message, hint included. */
interface Case {
  readonly note: string;
  readonly policy: string;
  readonly results?: readonly unknown[];
  readonly error?: string;
}

const cases = readFileSync(new URL('../../cases/extensions.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case);

describe('extensions.jsonl', () => {
  test.each(cases.map((item) => [item.note, item] as const))('%s', (_, { policy, results, error }) => {
    const { program, diagnostics } = loadPolicy([{ file: 'p', text: policy }]);
    const ran = program && evaluate(program, inputOf(), EMPTY_MEMORY, { collectResults: true });
    const [first] = [...diagnostics.filter(({ severity }) => severity === 'error'), ...(ran?.diagnostics ?? [])];
    if (error === undefined) {
      expect(first && `${first.message}; ${first.hint}`).toBeUndefined();
      expect(ran?.results).toEqual(results);
    } else {
      expect(`${first?.message}; ${first?.hint}`).toContain(error);
    }
  });
});

/** Evaluates a policy at times in seconds. Returns the controls of each evaluation: `ENTITY NAME=VALUE (REASON)`. */
function run(
  text: string,
  moments: readonly { readonly at: number; readonly guests?: Readonly<Record<string, Values>> }[],
): string[][] {
  const { program, diagnostics } = loadPolicy([{ file: 'p', text }]);
  if (program === null) throw new Error(diagnostics[0]?.message);
  let memory: PolicyMemory = EMPTY_MEMORY;
  return moments.map(({ at, guests = {} }) => {
    const { decision, writes } = evaluate(program, { ...inputOf({}, guests), timeMs: at * 1000 }, memory);
    memory = remember(memory, writes);
    expect(decision.errors.filter(({ guest }) => guest === null)).toEqual([]);
    return decision.requests.map(
      ({ guest, name, value, reason }) =>
        `${guest?.name ?? 'Host'} ${name}=${value}${reason === null ? '' : ` (${reason})`}`,
    );
  });
}

describe('time', () => {
  const held = '(with Guests g (if (held-for "swaps" g.swaps 30s) (g.Control "t" 1 "why") 0))';

  test('held-for is true once the condition has held long enough, separately for each guest', () => {
    const at = (seconds: number, a: number, b: number) => ({
      at: seconds,
      guests: { a: { swaps: a }, b: { swaps: b } },
    });
    expect(
      run(held, [at(0, 1, 0), at(10, 1, 1), at(20, 1, 1), at(30, 1, 1), at(40, 0, 1), at(50, 1, 1), at(60, 1, 1)]),
    ).toEqual([[], [], [], ['a t=1 (why)'], ['b t=1 (why)'], ['b t=1 (why)'], ['b t=1 (why)']]);
  });

  test('held-for restarts after an evaluation that does not reach it', () => {
    const policy = '(with Guests g (if g.looked (if (held-for "x" 1 20s) (g.Control "t" 1 "why") 0) 0))';
    const at = (seconds: number, looked: number) => ({ at: seconds, guests: { a: { looked } } });
    expect(run(policy, [at(0, 1), at(10, 1), at(20, 0), at(30, 1), at(40, 1), at(50, 1)])).toEqual([
      [],
      [],
      [],
      [],
      [],
      ['a t=1 (why)'],
    ]);
  });

  test('a hysteresis holds between its bounds, separately for each guest, and where it is not evaluated', () => {
    const policy =
      '(with Guests g (if g.looked (if (hysteresis "x" g.swaps :down 2 :up 5) (g.Control "t" 1 "why") 0) 0))';
    const at = (seconds: number, a: number, b: number, looked = 1) => ({
      at: seconds,
      guests: { a: { swaps: a, looked }, b: { swaps: b, looked } },
    });
    expect(run(policy, [at(0, 3, 6), at(10, 6, 3), at(20, 0, 0, 0), at(30, 3, 1), at(40, 1, 5), at(50, 3, 6)])).toEqual(
      [['b t=1 (why)'], ['a t=1 (why)', 'b t=1 (why)'], [], ['a t=1 (why)'], [], ['b t=1 (why)']],
    );
  });

  test('the time since an event counts from its last mark', () => {
    const policy =
      '(with Guests g { (if g.swaps (mark "swaps") nil) (if (valid (time-since "swaps")) (g.Control "t" (time-since "swaps") "why") nil) })';
    const at = (seconds: number, swaps: number) => ({ at: seconds, guests: { a: { swaps } } });
    // The clock is set back to before the event.
    expect(run(policy, [at(100, 0), at(110, 1), at(120, 0), at(130, 0), at(140, 1), at(20, 0), at(30, 1)])).toEqual([
      [],
      ['a t=0 (why)'],
      ['a t=10 (why)'],
      ['a t=20 (why)'],
      ['a t=0 (why)'],
      [],
      ['a t=0 (why)'],
    ]);
  });

  test('timers restart when the clock is set back', () => {
    const at = (seconds: number) => ({ at: seconds, guests: { a: { swaps: 1 } } });
    expect(run(held, [at(1000), at(1020), at(500), at(520), at(530)])).toEqual([[], [], [], [], ['a t=1 (why)']]);
    expect(run('(every 60s (Host.Control "t" 1))', [{ at: 1000 }, { at: 500 }, { at: 510 }])).toEqual([
      ['Host t=1'],
      ['Host t=1'],
      [],
    ]);
  });

  test('every runs at most once per period', () => {
    const moments = [0, 10, 59, 60, 119, 120].map((at) => ({ at }));
    expect(
      run('(every 60s (Host.Control "t" 1)) (every 1min (Host.Control "u" 1))', moments).map(
        (controls) => controls.length,
      ),
    ).toEqual([2, 0, 0, 2, 0, 2]);
  });

  test('forms with equal text have separate timers', () => {
    const policy = '(defvar n 0) (every 60s (set n (+ n 1))) (every 60s (set n (+ n 1))) (Host.Control "n" n)';
    expect(run(policy, [{ at: 0 }, { at: 10 }])).toEqual([['Host n=2'], ['Host n=0']]);
  });

  test('cooldown waits after a body that set a control', () => {
    const policy = '(with Guests g (cooldown 15s (if g.busy (g.Control "t" 1 "why") 0)))';
    const at = (seconds: number, busy: number) => ({ at: seconds, guests: { a: { busy } } });
    expect(run(policy, [at(0, 0), at(5, 1), at(10, 1), at(19, 1), at(20, 1), at(25, 1)])).toEqual([
      [],
      ['a t=1 (why)'],
      [],
      [],
      ['a t=1 (why)'],
      [],
    ]);
  });

  test("an error that drops a guest's decisions also undoes its timers", () => {
    const policy = '(with Guests g { (every 60s (g.Control "t" 1)) (+ 1 g.m) })';
    expect(
      run(policy, [
        { at: 0, guests: { a: { m: null } } },
        { at: 10, guests: { a: { m: 1 } } },
      ]),
    ).toEqual([[], ['a t=1']]);
  });
});

describe('because', () => {
  test('adds its reason to every control inside, also in called functions', () => {
    const policy = `(def go () (Host.Control "b" 2))
      (because "outer" { (Host.Control "a" 1) (because (+ "in" "ner") (go)) (Host.Control "c" 3) (Host.Control "d" 4 "own") })
      (Host.Control "e" 5 "last")`;
    expect(run(policy, [{ at: 0 }])).toEqual([
      ['Host a=1 (outer)', 'Host b=2 (inner)', 'Host c=3 (outer)', 'Host d=4 (own)', 'Host e=5 (last)'],
    ]);
  });

  test('does not keep its reason after an error inside', () => {
    const policy = '(with Guests g (because "why" { (+ 1 g.m) (g.Control "t" 1) })) (Host.Control "a" 1 "own")';
    expect(run(policy, [{ at: 0, guests: { a: { m: null }, b: { m: 1 } } }])).toEqual([
      ['b t=1 (why)', 'Host a=1 (own)'],
    ]);
  });
});

describe('params', () => {
  const { program } = loadPolicy([
    {
      file: 'p',
      text: '(param share 20%) (Host.Control "s" share) (with Guests g { (g.Control "s" share) (with Guests h (h.Control "t" share)) })',
    },
  ]);
  const params = { values: new Map([['share', 0.3]]), guests: new Map([['share', new Map([['uuid of a', 0.5]])]]) };

  test("have the operator's values, also for single guests", () => {
    const { decision } = evaluate(program!, inputOf({}, { a: { m: 1 }, b: { m: 1 } }), EMPTY_MEMORY, { params });
    const got = Object.fromEntries(
      decision.requests.map(({ guest, name, value }) => [`${guest?.name ?? 'Host'} ${name}`, value]),
    );
    expect(got).toEqual({ 'Host s': 0.3, 'a s': 0.5, 'b s': 0.3, 'a t': 0.5, 'b t': 0.3 });
  });

  test('do not override an earlier defvar', () => {
    const other = loadPolicy([
      { file: 'p', text: '(defvar share 1) (param share 20%) (with Guests g (g.Control "s" share))' },
    ]).program;
    const { decision } = evaluate(other!, inputOf({}, { a: { m: 1 } }), EMPTY_MEMORY, { params });
    expect(decision.requests.map(({ value }) => value)).toEqual([1]);
  });

  test.each([
    [
      'a variable of the same name hides the parameter',
      '(param share 20%) (def f (share) (with Guests g (g.Control "t" share))) (f 7)',
      [7, 7],
    ],
    [
      'set applies to guests without an override',
      '(param share 20%) (set share 0.9) (with Guests g (g.Control "t" share))',
      [0.5, 0.9],
    ],
    [
      'every loop over guests has the value of each',
      '(param share 20%) (with Guests g (g.Control "t" share)) (Host.Control "a" (sum Guests g share)) (Host.Control "b" (count Guests g (> share 0.4))) (Host.Control "c" (sum (filter Guests g (< share 0.4)) g share)) (Host.Control "d" (sum (list (first (sort Guests g share))) g g.m)) (Host.Control "e" (fold Guests g s 0 (+ s share))) (Host.Control "f" (hand-out 1 Guests g got share got))',
      [0.5, 0.3, 0.8, 1, 0.3, 2, 0.8, 0.2],
    ],
    [
      'Param has the value of any guest, and the general one of the host',
      '(param share 20%) (defvar a (first Guests)) (defvar b (nth Guests 1)) (Host.Control "a" (a.Param "share")) (Host.Control "b" (b.Param "share")) (Host.Control "c" (Host.Param "share")) (Host.Control "d" (sum Guests g (a.Param "share"))) (def f (g) (g.Param (concat "sh" "are"))) (Host.Control "e" (f a))',
      [0.5, 0.3, 0.3, 1, 0.5],
    ],
    [
      'Param ignores set',
      '(param share 20%) (set share 0.9) (with Guests g (g.Control "t" (g.Param "share")))',
      [0.5, 0.3],
    ],
    [
      "an error in a guest's iteration restores the value",
      '(param share 20%) (with Guests g { (with Guests h (if (== h.m 1) (+ 1 nil) 0)) (g.Control "t" share) }) (Host.Control "t" share)',
      [0.3, 0.3],
    ],
  ])('%s', (_, text, want) => {
    const own = loadPolicy([{ file: 'p', text }]).program;
    const { decision } = evaluate(own!, inputOf({}, { a: { m: 1 }, b: { m: 2 } }), EMPTY_MEMORY, { params });
    expect(decision.requests.map(({ value }) => value)).toEqual(want);
  });
});
