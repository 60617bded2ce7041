import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, remember } from '../../../../src/model/memory.ts';
import { evaluate, isIncomplete, loadPolicy, type LoadOptions, type Program } from '../../../../src/policy/index.ts';
import { inputOf } from '../support.ts';

function programOf(text: string, options: LoadOptions = {}): Program {
  const { program, diagnostics } = loadPolicy([{ file: 'p', text }], options);
  if (program === null) throw new Error(diagnostics[0]?.message);
  return program;
}

describe('evaluate', () => {
  test('gives the same decision for the same input, and keeps no state between evaluations', () => {
    const program = programOf('(defvar n 0) (def f () (set n (+ n 1))) (f) (Host.Control "n" n) (Host.SetVar "n" n)');
    const first = evaluate(program, inputOf(), EMPTY_MEMORY);
    expect(evaluate(program, inputOf(), EMPTY_MEMORY)).toEqual(first);
    expect(first.decision.requests[0]?.value).toBe(1);
  });

  test('forgets the functions of earlier evaluations', () => {
    const program = programOf(
      '(if (null (Host.GetVar "again")) (def f () 1) 0) (Host.SetVar "again" 1) (Host.Control "x" (f))',
    );
    const first = evaluate(program, inputOf(), EMPTY_MEMORY);
    expect(first.decision.errors).toEqual([]);
    const second = evaluate(program, inputOf(), remember(EMPTY_MEMORY, first.writes));
    expect(second.decision.errors.map(({ message }) => message)).toEqual(['unknown function "f"']);
  });

  test('passes memory between intervals by UUID', () => {
    const program = programOf(
      '(with Guests g { (g.SetVar "n" (+ 1 (or (g.GetVar "n") 0))) (g.Control "n" (g.GetVar "n")) })',
    );
    let memory = EMPTY_MEMORY;
    for (const wanted of [1, 2, 3]) {
      const { decision, writes } = evaluate(program, inputOf({}, { a: { m: 1 } }), memory);
      expect(decision.requests.map(({ value }) => value)).toEqual([wanted]);
      memory = remember(memory, writes);
    }
    expect([...memory.guests]).toEqual([['uuid of a', new Map([['n', 3]])]]);
  });

  test('finds fields again when the layout changes', () => {
    const program = programOf('(Host.Control "x" (+ Host.b (Host.StatAvg "b")))');
    const value = (host: Record<string, number>) =>
      evaluate(program, inputOf(host), EMPTY_MEMORY).decision.requests[0]?.value;
    expect(value({ a: 1, b: 2 })).toBe(4);
    expect(value({ b: 5, a: 1 })).toBe(10);
    expect(evaluate(program, inputOf({ a: 1 }), EMPTY_MEMORY).decision.errors).toHaveLength(1);
    expect(value({ a: 1, b: 2 })).toBe(4);
  });

  test('ends a file at the time limit of the given clock', () => {
    let now = 0;
    const program = programOf('(def f (n) (if (> n 0) (+ (f (- n 1)) (f (- n 1))) 0)) (with Guests g (f 90))', {
      limits: { timeMs: 50 },
    });
    const { decision, steps } = evaluate(program, inputOf({}, { a: { m: 1 }, b: { m: 1 } }), EMPTY_MEMORY, {
      clock: () => (now += 20),
    });
    expect(decision.errors.map(({ message, guest }) => [message, guest])).toEqual([
      ['this file has run for 50 ms; check for infinite recursion', null],
    ]);
    expect(steps).toBeLessThan(100_000);
  });

  test('counts the same steps each time', () => {
    const program = programOf('(def f (n) (if (> n 0) (f (- n 1)) 0)) (f 100)');
    const { steps } = evaluate(program, inputOf(), EMPTY_MEMORY);
    expect(steps).toBeGreaterThan(100);
    expect(evaluate(program, inputOf(), EMPTY_MEMORY).steps).toBe(steps);
  });

  test('counts steps independently of earlier evaluations', () => {
    const steps = () =>
      evaluate(programOf('(matches "web-1" "^web-[0-9]+$ never seen before")'), inputOf(), EMPTY_MEMORY).steps;
    expect(steps()).toBe(steps());
  });

  test('keeps the timers of every and cooldown when the policy is reformatted', () => {
    const { writes } = evaluate(programOf('(every 30s (Host.Control "x" 1))'), inputOf(), EMPTY_MEMORY);
    const again = programOf('( every # twice a minute\n  30s\n  (Host.Control "x" 1))');
    expect(evaluate(again, inputOf(), remember(EMPTY_MEMORY, writes)).decision.requests).toEqual([]);
  });

  test('gives each of a thousand guests its own steps', () => {
    const guests = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`g${index}`, { m: index }]));
    const program = programOf('(def f (n) (if (> n 0) (f (- n 1)) 0)) (with Guests g { (f 500) (g.Control "t" g.m) })');
    const { decision } = evaluate(program, inputOf({}, guests), EMPTY_MEMORY);
    expect(decision.errors).toEqual([]);
    expect(decision.requests).toHaveLength(1_000);
  });

  test('rejects a debug callback that evaluates the same program', () => {
    const program = programOf('(debug 1)');
    const again = () => evaluate(program, inputOf(), EMPTY_MEMORY);
    expect(() => evaluate(program, inputOf(), EMPTY_MEMORY, { debug: again })).toThrow('must not evaluate it');
    expect(again().decision.errors).toEqual([]);
  });

  test('returns the results before the error, over all files', () => {
    const { program } = loadPolicy([
      { file: 'one', text: '1 2 (nosuch) 3' },
      { file: 'two', text: '4' },
    ]);
    expect(evaluate(program as Program, inputOf(), EMPTY_MEMORY, { collectResults: true }).results).toEqual([1, 2, 4]);
  });

  test('names only the guest in requests and errors', () => {
    const program = programOf('(with Guests g { (g.Control "t" 1) (if (== g.m 2) (+ nil 1) 0) })');
    const { decision } = evaluate(program, inputOf({}, { a: { m: 1 }, b: { m: 2 } }), EMPTY_MEMORY);
    expect(decision).toEqual({
      requests: [
        {
          name: 't',
          guest: { name: 'a', uuid: 'uuid of a' },
          value: 1,
          reason: null,
          position: { file: 'p', line: 1, column: 18 },
        },
      ],
      errors: [
        {
          phase: 'eval',
          message: '+ takes two numbers, two texts or two lists, not nil and the number 1',
          position: { file: 'p', line: 1, column: 51 },
          guest: { name: 'b', uuid: 'uuid of b' },
        },
      ],
    });
  });
});

test.each([
  ['(+ 1', true],
  ['"a', true],
  ['{ (f', true],
  ['(+ 1 2)', false],
  ['', false],
  ['(+ 1 ]', false],
  [')', false],
])('isIncomplete(%j) is %s', (text, wanted) => {
  expect(isIncomplete(text)).toBe(wanted);
});
