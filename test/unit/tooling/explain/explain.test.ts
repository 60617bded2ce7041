import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/tooling/explain/explain.ts';
import { inUnit } from '../../../../src/tooling/explain/show.ts';
import { renderExplanation } from '../../../../src/tooling/explain/render.ts';
import type { ControlRequest } from '../../../../src/model/control.ts';
import { EMPTY_MEMORY, remember } from '../../../../src/model/memory.ts';
import { evaluate, loadPolicy, Tracer, type EvaluateOptions } from '../../../../src/policy/index.ts';
import { inputOf, VOCABULARY, type Values } from '../../policy/support.ts';

const MIB = 1024;
const GUESTS: Readonly<Record<string, Values>> = {
  a: { balloon_cur: 512 * MIB, balloon_max: 1024 * MIB, balloon_min: 0, mem_unused: 210 * MIB },
  b: { balloon_cur: 512 * MIB, balloon_max: 512 * MIB, balloon_min: 0, mem_unused: null },
};

interface Choice {
  readonly guest?: string;
  readonly recorded?: readonly ControlRequest[] | null;
  readonly options?: EvaluateOptions;
  /** Seconds since the previous evaluation; absent: this is the first. */
  readonly after?: number;
}

/** The explanation for guest `a` (or another, or the host), with 1 GiB of 4 free on the host. */
function explained(text: string, { guest = 'a', recorded = null, options = {}, after }: Choice = {}) {
  const { program } = loadPolicy([{ file: '/etc/ballast/p', text }]);
  if (program === null) throw new Error('the policy does not load');
  const input = inputOf({ mem_free: 1024 * MIB, mem_available: 4096 * MIB }, GUESTS);
  const tracer = new Tracer();
  const memory =
    after === undefined
      ? EMPTY_MEMORY
      : remember(
          EMPTY_MEMORY,
          evaluate(program, { ...input, timeMs: input.timeMs - after * 1000 }, EMPTY_MEMORY).writes,
        );
  const { decision } = evaluate(program, input, memory, { ...options, tracer });
  const ref = input.guests.find(({ name }) => name === guest);
  const explanation = explain({
    program,
    trace: tracer.read(),
    vocabulary: VOCABULARY,
    decision,
    plan: { actions: [], held: [] },
    recorded,
    guest: ref ? { name: ref.name, uuid: ref.uuid } : null,
  });
  return { explanation, lines: renderExplanation(explanation).trimEnd().split('\n') };
}

const lines = (text: string, choice?: Choice): string[] =>
  explained(text, choice)
    .lines.filter((line) => line.startsWith('  '))
    .map((line) => line.trim());

describe('requests', () => {
  test('shows the path with values, outermost condition first', () => {
    const text =
      '(defvar share (/ Host.mem_free Host.mem_available))\n(defvar least 0.3)\n(def go (vm to)\n (vm.Control "balloon_target" to))\n(if (< share least)\n (with Guests vm (go vm (/ vm.balloon_cur 2)))\n 0)';
    expect(explained(text).lines).toEqual([
      'balloon_target 262144: no controller applied it',
      '  reason: share < least',
      'how the policy got there:',
      '  p:1  share = Host.mem_free / Host.mem_available = 1 GiB / 4 GiB = 0.25',
      '  p:5  share 0.25 < least 0.30: true, so (with Guests vm (go vm (/ vm.balloon_cur 2)))',
      '  p:6  to = vm.balloon_cur / 2 = 512 MiB / 2 = 256 MiB',
      '  p:4  requests balloon_target = to = 256 MiB',
      '',
      'the recording has no policy evaluation at that moment',
    ]);
  });

  test('shows the last call for a control', () => {
    const text = '(with Guests vm (vm.Control "balloon_target" 1))\n(with Guests vm (vm.Control "balloon_target" 2))';
    expect(lines(text)).toEqual(['p:2  requests balloon_target = 2']);
  });

  test("shows the guest's own parameter value", () => {
    const params = { values: new Map(), guests: new Map([['least', new Map([['uuid of a', 0.5]])]]) };
    const text = '(param least 0.3)\n(with Guests vm (if (< 0.4 least) (vm.Control "balloon_target" 1) 0))';
    expect(lines(text, { options: { params } })).toEqual([
      'reason: 0.4 < least',
      'p:1  least = 0.50, overridden; policy default 0.30',
      'p:2  0.40 < least 0.50: true, so vm.Control("balloon_target", 1)',
      'p:2  requests balloon_target = 1',
    ]);
    expect(lines(text, { guest: 'b', options: { params } })).toContain(
      'p:2  but 0.40 is 0.10 above the 0.30 allowed (least)',
    );
  });

  test('explains a request for a guest chosen with set', () => {
    const text =
      '(defvar one nil)\n(with Guests vm (if (null vm.mem_unused) (set one vm) 0))\n(one.Control "balloon_target" 1)';
    expect(explained(text, { guest: 'b' }).explanation.notReached).toEqual([]);
    expect(lines(text, { guest: 'b' })).toEqual(['p:3  requests balloon_target = 1']);
  });

  test('explains what hand-out gives', () => {
    const text =
      '(def lacks (vm) (- vm.balloon_max vm.balloon_cur))\n(hand-out 300MiB Guests vm gift (lacks vm)\n (vm.Control "balloon_target" (+ vm.balloon_cur gift)))';
    expect(lines(text)).toEqual([
      'p:1  lacks(a) = vm.balloon_max - vm.balloon_cur = 1 GiB - 512 MiB = 512 MiB',
      'p:2  hand-out gives 300 MiB of lacks(vm) 512 MiB',
      'p:2  gift = lacks(vm) as far as the budget lasts = 300 MiB',
      'p:3  requests balloon_target = vm.balloon_cur + gift = 512 MiB + 300 MiB = 812 MiB',
    ]);
    expect(lines(text, { guest: 'b' }).at(-1)).toBe('p:2  but lacks(vm) 0 KiB: nothing is wanted');
    expect(lines(text.replace('300MiB', '0')).at(-1)).toBe(
      'p:2  but lacks(vm) 512 MiB wanted: nothing is left of the budget',
    );
  });

  test('explains what fold has passed on', () => {
    const text =
      '(defvar all (fold Guests vm all 0 (if (> all 1) (vm.Control "balloon_target" all) nil) (+ all vm.balloon_cur)))\n(debug all)';
    expect(lines(text, { guest: 'b' })).toEqual([
      'reason: all > 1',
      'p:1  all 524288 > 1: true, so vm.Control("balloon_target", all)',
      'p:1  requests balloon_target = all = 524288',
    ]);
  });

  test('explains cond and functions that choose a value', () => {
    const text =
      '(def size (vm) (if (valid vm.mem_unused) vm.mem_unused 5))\n(with Guests vm (cond ((> vm.balloon_cur vm.balloon_max) 1)\n (else (vm.Control "balloon_target" (size vm)))))';
    expect(lines(text)).toEqual([
      'reason: vm.balloon_cur <= vm.balloon_max',
      'p:2  vm.balloon_cur 512 MiB > vm.balloon_max 1 GiB: false, so vm.Control("balloon_target", size(vm))',
      'p:1  valid(vm.mem_unused 210 MiB): true',
      'p:1  size(a) = vm.mem_unused = 210 MiB',
      'p:3  requests balloon_target = size(vm) = 210 MiB',
    ]);
  });

  test('compares with the recorded requests', () => {
    const text = '(with Guests vm (vm.Control "balloon_target" 1))';
    const request = {
      name: 'balloon_target',
      guest: { name: 'a', uuid: 'uuid of a' },
      value: 1,
      reason: null,
      position: { file: 'p', line: 1, column: 1 },
    };
    expect(explained(text, { recorded: [request] }).lines.at(-1)).toBe(
      'matches the recording: the policy requested the same then',
    );
    expect(explained(text, { recorded: [{ ...request, value: 7 }] }).lines.at(-1)).toBe(
      'differs from the recording: the policy requested then balloon_target 7',
    );
    expect(explained(text, { recorded: [] }).lines.at(-1)).toBe(
      'differs from the recording: the policy requested then nothing',
    );
  });
});

describe('why not', () => {
  const set = '(vm.Control "balloon_target" 1)';
  test.each<[string, string, string[], Choice?]>([
    [
      'a false comparison and its distance',
      `(with Guests vm (if (> vm.mem_unused 227328) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required'],
    ],
    [
      'a comparison in the other direction',
      `(with Guests vm (if (< vm.mem_unused 204800) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB is 10 MiB above the 200 MiB allowed'],
    ],
    [
      'a branch for a false condition',
      `(with Guests vm (if (< vm.mem_unused 227328) 0 ${set}))`,
      ['p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required'],
    ],
    [
      'equality with the bound',
      `(with Guests vm (if (> vm.mem_unused 215040) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB equals 215040; must be above it'],
    ],
    [
      'more digits for values that look equal',
      `(with Guests vm (if (> Host.mem_free 1048577) ${set} 0))`,
      ['p:1  but Host.mem_free 1 GiB is 1 KiB below the 1.000001 GiB required'],
    ],
    [
      'and: only the false arguments',
      `(with Guests vm (if (and (> vm.mem_unused 1) (> vm.mem_unused 227328)) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required'],
    ],
    [
      'or: all arguments',
      `(with Guests vm (if (or (> vm.mem_unused 227328) (> vm.mem_unused 225280)) ${set} 0))`,
      [
        'p:1  but one of these must be true, but none is:',
        'p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required',
        'p:1  but vm.mem_unused 210 MiB is 10 MiB below the 220 MiB required',
      ],
    ],
    [
      'not',
      `(with Guests vm (if (not (< vm.mem_unused 227328)) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required'],
    ],
    [
      'valid: the nil field',
      `(with Guests vm (if (valid vm.balloon_cur vm.mem_unused) ${set} 0))`,
      ['p:1  but vm.mem_unused is nil; must have a value'],
      { guest: 'b' },
    ],
    [
      'null: the field with a value',
      `(with Guests vm (if (null vm.mem_unused) ${set} 0))`,
      ['p:1  but vm.mem_unused is 210 MiB; must be nil'],
    ],
    [
      'a variable as the condition',
      `(defvar short (< Host.mem_free 5))\n(with Guests vm (if short ${set} 0))`,
      ['p:2  short false; must be true', 'p:1  but Host.mem_free 1 GiB is 1 GiB above the 5 KiB allowed'],
    ],
    [
      'a function as the condition',
      `(def short () (< Host.mem_free 5))\n(with Guests vm (if (short) ${set} 0))`,
      ['p:2  short() is false; must be true', 'p:1  but Host.mem_free 1 GiB is 1 GiB above the 5 KiB allowed'],
    ],
    [
      'a test of cond',
      `(with Guests vm (cond ((> vm.mem_unused 227328) ${set})))`,
      ['p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required'],
    ],
    [
      'a filter that excludes the guest',
      `(map (filter Guests g (null g.mem_unused)) vm ${set})`,
      [
        'p:1  but (filter Guests g (null g.mem_unused)) has 1 element, but not this guest',
        'p:1  but g.mem_unused is 210 MiB; must be nil',
      ],
    ],
    [
      'a named list without the guest',
      `(defvar fat (filter Guests g (> g.mem_unused 300MiB)))\n(map (sort fat g g.mem_unused) vm ${set})`,
      [
        'p:2  but (sort fat g g.mem_unused) has no elements',
        'p:1  but g.mem_unused 210 MiB is 90 MiB below the 300 MiB required',
      ],
    ],
    [
      'max-of selects another guest',
      `(defvar best (max-of Guests vm vm.balloon_max))\n(if (valid best) (best.Control "balloon_target" 1) nil)`,
      [
        'p:2  valid(a): true, so best.Control("balloon_target", 1)',
        'p:2  but it ran for a, not for this guest',
        'p:1  but vm.balloon_max is 512 MiB for this guest, and 1 GiB for a',
      ],
      { guest: 'b' },
    ],
    [
      'first selects another guest',
      `(defvar one (first Guests vm (null vm.mem_unused)))\n(one.Control "balloon_target" 1)`,
      ['p:2  but it ran for b, not for this guest', 'p:1  but vm.mem_unused is 210 MiB; must be nil'],
    ],
    [
      'first selects an earlier guest',
      `(defvar one (first Guests))\n(one.Control "balloon_target" 1)`,
      ['p:2  but it ran for a, not for this guest', 'p:1  but (first Guests) is a, which comes before this guest'],
      { guest: 'b' },
    ],
    [
      'another guest selected, with a false condition',
      `(defvar one (first Guests))\n(if (< one.balloon_cur 1MiB) (one.Control "balloon_target" 1) 0)`,
      ['p:2  but one.balloon_cur 512 MiB is 511 MiB above the 1 MiB allowed', 'p:2  but one is a: not this guest'],
      { guest: 'b' },
    ],
    [
      'an earlier guest with a true condition',
      `(defvar one (first Guests vm (valid vm.balloon_cur)))\n(one.Control "balloon_target" 1)`,
      [
        'p:2  but it ran for a, not for this guest',
        'p:1  but (first Guests vm (valid vm.balloon_cur)) is a, which comes before this guest',
      ],
      { guest: 'b' },
    ],
    [
      'a variable changed with set',
      `(defvar one (first Guests))\n(set one (max-of Guests g (- 0 g.balloon_max)))\n(one.Control "balloon_target" 1)`,
      [
        'p:3  but it ran for b, not for this guest',
        'p:2  but 0 - g.balloon_max is -1 GiB for this guest, and -512 MiB for b',
      ],
    ],
    [
      'a variable changed in a loop',
      `(defvar one nil)\n(with Guests vm (if (null vm.mem_unused) (set one vm) 0))\n(if (valid one) (one.Control "balloon_target" 1) 0)`,
      ['p:3  valid(b): true, so one.Control("balloon_target", 1)', 'p:3  but it ran for b, not for this guest'],
    ],
    [
      "a loop over others inside of the guest's turn",
      `(with Guests vm (with Guests other (if (> vm.balloon_cur 514MiB) ${set} 0)))`,
      ['p:1  but vm.balloon_cur 512 MiB is 2 MiB below the 514 MiB required'],
    ],
    [
      'a condition on all guests',
      `(if (any Guests vm (> vm.mem_unused 222MiB)) (with Guests vm ${set}) 0)`,
      [
        'p:1  but (any Guests vm (> vm.mem_unused 222MiB)) is false; must be true',
        'p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required',
      ],
    ],
    [
      'a redefined function',
      `(def f () (with Guests vm ${set}))\n(def f () 1)\n(f)`,
      ['p:3  but f() called a different function of the same name'],
    ],
    [
      'a pending cooldown whose body starts with a number',
      `(with Guests vm (cooldown 30min 1 ${set}))`,
      ['p:1  but cooldown 30min: not due; last ran 10 s before'],
      { after: 10 },
    ],
    [
      'held-for whose timer has just started',
      `(with Guests vm (if (held-for "x" (> vm.mem_unused 1) 60s) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB > 1 KiB is true, but not yet for 60 s: its timer starts in this evaluation'],
    ],
    [
      'held-for whose timer is running',
      `(with Guests vm (if (held-for "x" (> vm.mem_unused 1) 60s) ${set} 0))`,
      ['p:1  but vm.mem_unused 210 MiB > 1 KiB is true, but not yet for 60 s: its timer started 45 s before'],
      { after: 45 },
    ],
    [
      'a hysteresis below its upper bound',
      `(with Guests vm (if (hysteresis "x" vm.mem_unused :down 1GiB :up 2GiB) ${set} 0))`,
      [
        'p:1  but hysteresis("x", vm.mem_unused 210 MiB, :down 1 GiB, :up 2 GiB) is false: vm.mem_unused must rise above 2GiB',
      ],
    ],
    [
      'every as a condition',
      `(with Guests vm (if (every 1min 1) ${set} 0))`,
      ['p:1  but every 1min: not due; last ran 20 s before'],
      { after: 20 },
    ],
    [
      'a time slightly before its end',
      `(with Guests vm (cooldown 1min ${set}))`,
      ['p:1  but cooldown 1min: not due; last ran 59.4 s before'],
      { after: 59.4 },
    ],
    [
      'an every that another call has run',
      `(def f (vm) (every 1min ${set}))\n(with Guests vm {(f vm) (f vm)})`,
      ['p:1  but every 1min: not due; last ran 20 s before'],
      { after: 20 },
    ],
    [
      'an elapsed cooldown',
      `(with Guests vm (cooldown 30min (if (> vm.mem_unused 227328) ${set} 0)))`,
      ['p:1  cooldown 30min: due', 'p:1  but vm.mem_unused 210 MiB is 12 MiB below the 222 MiB required'],
    ],
    [
      'a pending cooldown',
      `(with Guests vm (cooldown 30min ${set}))`,
      ['p:1  but cooldown 30min: not due; last ran 10 s before'],
      { after: 10 },
    ],
    ['a function that nobody calls', `(def never (vm) ${set})`, ['no code path leads there']],
    [
      'a value of another type',
      `(with Guests vm (if (== (vm.Prop "name") "b") ${set} 0))`,
      ['p:1  but vm.Prop("name") "a" == "b": false; must be true'.replace(': false', '')],
    ],
  ])('%s', (_, text, want, choice) => {
    expect(explained(text, choice).explanation.notReached).toHaveLength(1);
    expect(lines(text, choice)).toEqual(want);
  });

  test('names a long block by its first form or its line, without cutting it', () => {
    const long = '(max Host.mem_free Host.mem_free Host.mem_free Host.mem_free Host.mem_free)';
    const explained = (block: string) =>
      lines(`(if (> Host.mem_free 5)\n ${block} 0)`, { guest: 'the host' }).find((line) => line.includes('so '));
    expect(explained(`{ (Host.Control "ksm_run" 1) ${long} }`)).toBe(
      'p:1  Host.mem_free 1 GiB > 5 KiB: true, so {Host.Control("ksm_run", 1) …}',
    );
    expect(explained(`{ ${long} (Host.Control "ksm_run" 1) }`)).toBe(
      'p:1  Host.mem_free 1 GiB > 5 KiB: true, so the code starting on line 2',
    );
  });

  test('shows the nearer of two paths first, and common lines once', () => {
    const text = `(defvar share (/ Host.mem_free Host.mem_available))\n(def move (vm) ${set})\n(with Guests vm (if (< share 0.2)\n (move vm)\n (if (< vm.balloon_max vm.balloon_cur) (move vm) 0)))`;
    expect(lines(text)).toEqual([
      'p:1  share = Host.mem_free / Host.mem_available = 1 GiB / 4 GiB = 0.25',
      'p:3  share 0.25 < 0.20: false, so (if (< vm.balloon_max vm.balloon_cur) (move vm) 0)',
      'p:5  but vm.balloon_max 1 GiB is 512 MiB above the 512 MiB allowed (vm.balloon_cur)',
      'or, by another path:',
      'p:3  but share 0.25 is 0.05 above the 0.20 allowed',
    ]);
  });

  test('does not mix the controls of the host and the guests', () => {
    const text = `(if (> Host.mem_free 5) 0 (Host.Control "ksm_run" 1))\n(with Guests vm (if (> vm.mem_unused 227328) ${set} 0))`;
    expect(explained(text).explanation.notReached.map(({ control }) => control)).toEqual(['balloon_target']);
    expect(explained(text, { guest: 'the host' }).explanation.notReached.map(({ control }) => control)).toEqual([
      'ksm_run',
    ]);
  });
});

describe('errors', () => {
  test('shows the position, the values that led to an error, and its effect', () => {
    const text =
      '(def need (vm)\n (+ vm.mem_unused 1))\n(with Guests vm (if (> vm.balloon_cur 5)\n (vm.Control "balloon_target" (need vm)) 0))';
    expect(explained(text, { guest: 'b' }).lines.slice(0, 8)).toEqual([
      'no control was requested',
      '',
      'error at p:2: + takes two numbers, two texts or two lists, not nil and the number 1; vm.mem_unused is nil; test it first: (if (valid vm.mem_unused) … …); no request of this file for this guest takes effect',
      '  p:3  vm.balloon_cur 512 MiB > 5 KiB: true, so vm.Control("balloon_target", need(vm))',
      '  p:2  vm.mem_unused nil + 1: + takes two numbers, two texts or two lists, not nil and the number 1',
      '',
      'why not balloon_target at p:4:',
      '  p:3  vm.balloon_cur 512 MiB > 5 KiB: true, so vm.Control("balloon_target", need(vm))',
    ]);
    expect(explained(text).explanation.errors).toEqual([]);
  });

  const set = '(vm.Control "balloon_target" 1)';
  test.each([
    [
      "in the guest's iteration",
      `(with Guests vm { (+ vm.balloon_cur nil) ${set} })`,
      'p:1  but vm.Control("balloon_target", 1) was not reached because of an earlier error',
    ],
    [
      'in a called function',
      `(def f () (+ 1 nil))\n(with Guests vm { (f) ${set} })`,
      'p:2  but vm.Control("balloon_target", 1) was not reached because of an earlier error',
    ],
    [
      'in the condition',
      `(with Guests vm (if (< vm.balloon_cur nil) ${set} 0))`,
      'p:1  but vm.balloon_cur < nil was not evaluated because of an earlier error',
    ],
    [
      'in the file',
      `(+ 1 nil)\n(with Guests vm ${set})`,
      'p:2  but Guests was not reached because of an earlier error',
    ],
  ])('an earlier error %s', (_, text, want) => {
    expect(lines(text)).toContain(want);
  });

  test('ignores errors in iterations of other guests', () => {
    const text = `(with Guests vm (+ vm.mem_unused 1))\n(defvar one (first Guests))\n(one.Control "balloon_target" 1)`;
    expect(lines(text, { guest: 'b' }).join('\n')).not.toContain('an earlier error');
  });

  test('explains an error that ended the file', () => {
    const { explanation } = explained('(with Guests vm (vm.Control "balloon_target" 1))\n(+ Host.mem_free "x")');
    expect(explanation.asked).toEqual([]);
    expect(explanation.errors).toHaveLength(1);
    expect(explanation.errors[0]?.path.at(-1)?.text).toMatch(/^Host\.mem_free 1 GiB \+ "x": /);
  });
});

describe('a list that is empty', () => {
  const EACH = [
    'p:1  for a: vm.balloon_cur 512 MiB is 512 MiB below the 1 GiB required',
    'p:1  for b: vm.balloon_cur 512 MiB is 512 MiB below the 1 GiB required',
  ];

  test.each([
    ['counted', '(if (> (count big) 0) CALL nil)'],
    ['tested for nil', '(if (null big) nil CALL)'],
    ['as a condition', '(if big CALL nil)'],
    ['filtered again', '(defvar bigger (filter big vm (> vm.balloon_cur 2GiB))) (if bigger CALL nil)'],
    ['sorted', '(if (sort big vm vm.balloon_cur) CALL nil)'],
    ['in a function', '(def some () (> (count big) 0)) (if (some) CALL nil)'],
  ])('is explained by what each guest failed on: %s', (_, text) => {
    const policy = `(defvar big (filter Guests vm (> vm.balloon_cur 1GiB)))\n${text}`;
    const all = lines(policy.replace('CALL', '(with Guests g (g.Control "balloon_target" 1))'));
    expect(all.slice(-2)).toEqual(EACH);
  });

  test.each(['any', 'first'])('also if %s finds nothing', (loop) => {
    const text = `(defvar found (${loop} Guests vm (> vm.balloon_cur 1GiB)))\n(if found (Host.Control "ksm_run" 1) nil)`;
    expect(lines(text, { guest: 'host' }).slice(-2)).toEqual(EACH);
  });
});

describe('calls that were not reached for one reason', () => {
  test('are explained together', () => {
    const call = '(with Guests vm (if (< Host.mem_free 1MiB) (vm.Control "balloon_target" 1) nil))';
    const all = explained(`${call}\n${call}`).lines;
    expect(all.filter((line) => line.startsWith('why not'))).toEqual(['why not balloon_target at p:1, p:2:']);
    expect(all.filter((line) => line.includes('above the 1 MiB allowed'))).toHaveLength(1);
  });
});

describe('numbers in messages', () => {
  test.each([
    ['Ballooning guest:vm-10000 from 394812 to 394600', 'Ballooning guest:vm-10000 from 386 MiB to 385 MiB'],
    ['the guest could use 65748 more and keeps 65536', 'the guest could use 64.2 MiB more and keeps 64 MiB'],
    ['its statistics are 3000 ms old, 12 and 20000%', 'its statistics are 3000 ms old, 12 and 20000%'],
  ])('are in the unit of the explanation: %s', (message, shown) => {
    expect(inUnit(message, 'KiB')).toBe(shown);
  });

  test('stay as they are for a control of another unit', () => {
    expect(inUnit('from 10000 to 20000', 'pages')).toBe('from 10000 to 20000');
  });
});
