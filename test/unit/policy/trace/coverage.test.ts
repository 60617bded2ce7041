import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { annotate, Coverage, evaluate, loadPolicy, Tracer } from '../../../../src/policy/index.ts';
import { inputOf, type Values } from '../support.ts';

type Guests = Readonly<Record<string, Values>>;

/** The gaps after evaluations with these guests. */
function coverageOf(text: string, ...evaluations: readonly Guests[]) {
  const source = { file: 'p', text };
  const { program } = loadPolicy([source]);
  if (program === null) throw new Error('the policy does not load');
  const coverage = new Coverage(program);
  const tracer = new Tracer();
  evaluations.forEach((guests, at) => {
    evaluate(program, { ...inputOf({ free: 10 }, guests), timeMs: at * 10_000 }, EMPTY_MEMORY, { tracer });
    coverage.add(tracer);
  });
  const report = coverage.report();
  const [file] = report.files;
  if (!file) throw new Error('no file');
  const missed = file.missed.map(({ what, position }) => `${position.line}:${position.column} ${what}`);
  return { ...file, missed, drawn: annotate(report, source) };
}

describe('expressions', () => {
  test('an if covers the branch taken', () => {
    const { expressions, branches, missed } = coverageOf('(if (< Host.free 5) (+ 1 1) 7)', {});
    // The if, the comparison, the field, the sum, and 7; literals that are arguments do not count.
    expect(expressions).toEqual({ total: 5, ran: 4 });
    expect(branches).toEqual({ total: 2, taken: 1 });
    expect(missed).toEqual(['1:5 the condition was never true', '1:21 never ran: (+ 1 1)']);
  });

  test('reports the body of a function that is never called, but not its definition', () => {
    const { expressions, missed } = coverageOf('(def f (x) (* x 2)) 1', {});
    expect(expressions).toEqual({ total: 2, ran: 1 });
    expect(missed).toEqual(['1:12 never ran: (* x 2)']);
  });

  test('reports everything in a program that was never evaluated', () => {
    const { expressions, missed } = coverageOf('(def f (x) (* x 2)) (f 1)');
    expect(expressions).toEqual({ total: 2, ran: 0 });
    expect(missed).toEqual(['1:12 never ran: (* x 2)', '1:21 never ran: (f 1)']);
  });

  test('counts a failed expression as run, but not the ones after it', () => {
    const { missed } = coverageOf('(def f (vm) { (+ vm.m 1) (* vm.m 2) }) (with Guests vm (f vm))', { a: { m: null } });
    expect(missed).toEqual(['1:26 never ran: (* vm.m 2)']);
  });

  test('adds up evaluations', () => {
    const text = '(with Guests vm (if (> vm.m 5) (+ vm.m 1) (- vm.m 1)))';
    expect(coverageOf(text, { a: { m: 9 } }).missed).toEqual([
      '1:21 the condition was never false',
      '1:43 never ran: (- vm.m 1)',
    ]);
    expect(coverageOf(text, { a: { m: 9 } }, { a: { m: 1 } }).missed).toEqual([]);
    expect(coverageOf(text, { a: { m: 9 }, b: { m: 1 } })).toMatchObject({
      expressions: { total: 9, ran: 9 },
      branches: { total: 3, taken: 3 },
    });
  });

  test('rejects a tracer of another program', () => {
    const [one, other] = ['1', '2'].map((text) => loadPolicy([{ file: 'p', text }]).program!);
    const tracer = new Tracer();
    evaluate(one!, inputOf(), EMPTY_MEMORY, { tracer });
    expect(() => new Coverage(other!).add(tracer)).toThrow('a different program');
  });
});

describe('branches', () => {
  test.each<[string, string, string[], ...Guests[]]>([
    [
      'and: each argument may decide',
      '(with Guests vm (and vm.a vm.b vm.c))',
      ['1:27 this was never false'],
      { x: { a: 0, b: 1, c: 1 }, y: { a: 1, b: 1, c: 0 } },
    ],
    [
      'and: the last was never evaluated',
      '(with Guests vm (and vm.a vm.b))',
      ['1:27 and never reached this argument', '1:27 never ran: vm.b'],
      { x: { a: 0, b: 1 } },
    ],
    [
      'or: each argument may decide',
      '(with Guests vm (or vm.a vm.b vm.c))',
      ['1:21 this was never true'],
      { x: { a: 0, b: 1, c: 1 }, y: { a: 0, b: 0, c: 0 } },
    ],
    [
      'cond: each clause',
      '(with Guests vm (cond ((> vm.a 5) 1) ((> vm.a 3) 2) (else 3)))',
      ['1:39 this test was never true', '1:50 never ran: 2'],
      { x: { a: 9 }, y: { a: 1 } },
    ],
    [
      'cond: else',
      '(with Guests vm (cond ((> vm.a 5) 1) (else 3)))',
      ['1:38 an earlier clause was always taken', '1:44 never ran: 3'],
      { x: { a: 9 } },
    ],
    [
      'cond: no clause matches',
      '(with Guests vm (cond ((> vm.a 5) 1)))',
      ['1:24 this test was never false, so no evaluation fell through'],
      { x: { a: 9 } },
    ],
    [
      'case: each clause, and its values',
      '(with Guests vm (case vm.a (1 5) ((2 3) 6)))',
      ['1:29 this test was never true', '1:31 never ran: 5'],
      { x: { a: 2 }, y: { a: 3 }, z: { a: 4 } },
    ],
    [
      'case of a computed value',
      '(with Guests vm (case (+ vm.a 1) (1 5) ((2 3) 6) (else 7)))',
      ['1:35 this test was never true', '1:37 never ran: 5'],
      { x: { a: 2 }, y: { a: 3 }, z: { a: 4 } },
    ],
    [
      'hand-out: what is given',
      '(hand-out 5 Guests vm gift vm.a (+ gift 1))',
      ['1:28 nobody was given anything', '1:33 never ran: (+ gift 1)'],
      { x: { a: 0 } },
    ],
    ['hand-out: nothing is missed', '(hand-out 5 Guests vm gift vm.a (+ gift 1))', [], { x: { a: 9 }, y: { a: 1 } }],
    [
      'fold: the body',
      '(fold Guests vm sum 0 (+ sum vm.a))',
      ['1:1 the list was always empty', '1:23 never ran: (+ sum vm.a)'],
      {},
    ],
    [
      'with: the body',
      '(with Guests vm (+ vm.a 1))',
      ['1:1 the list was always empty', '1:17 never ran: (+ vm.a 1)'],
      {},
    ],
    ['a loop: the body', '(sum Guests vm vm.a)', ['1:1 the list was always empty', '1:16 never ran: vm.a'], {}],
    ['held-for: both values', '(held-for "x" (> Host.free 5) 60)', ['1:1 the condition never held long enough'], {}],
    ['every: both ways', '(every 60 (+ 1 Host.free))', ['1:1 its body ran every time'], {}],
    [
      'a condition that is itself an if',
      '(if (if (> Host.free 5) 1 0) 1 2)',
      [
        '1:5 the condition was never false',
        '1:9 the condition was never false',
        '1:27 never ran: 0',
        '1:32 never ran: 2',
      ],
      {},
    ],
  ])('%s', (_, text, missing, ...evaluations) => {
    expect(coverageOf(text, ...evaluations).missed.sort()).toEqual([...missing].sort());
  });
});

test('marks the gaps in the source', () => {
  const text = `# A policy.
(def shrink (vm)
  (if (and (valid vm.m) (> vm.m 5))
      (vm.Control "t" 1)
      {
        # Not now.
        (vm.Control "t" 2)
      }))

(with Guests vm (shrink vm))
(def never () (+ 1
   Host.free))
`;
  expect(coverageOf(text, { a: { m: 9 } }, {}).drawn).toBe(`    1 | # A policy.
    2 | (def shrink (vm)
!f  3 |   (if (and (valid vm.m) (> vm.m 5))  <- the condition was never false; this was never false
    4 |       (vm.Control "t" 1)
!!  5 |       {  <- never ran: { # Not now. (vm.Control "t" 2) }
    6 |         # Not now.
!!  7 |         (vm.Control "t" 2)
!!  8 |       }))
    9 |
   10 | (with Guests vm (shrink vm))
!! 11 | (def never () (+ 1  <- never ran: (+ 1 Host.free)
!! 12 |    Host.free))
`);
});
