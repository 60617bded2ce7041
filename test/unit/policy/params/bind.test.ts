import { describe, expect, test } from 'vitest';
import type { ParamTarget } from '../../../../src/model/parameter.ts';
import { bindOverrides, loadPolicy, type BoundOverride } from '../../../../src/policy/index.ts';

const POLICY = `(param share 20% "a share" :min 1% :max 90%)
(param open 20%)
(param room 512MiB :min 4MiB)
(param wait 30s :max 1h)
(param count 5 :max 10)
(param scan 100pages)
(param mode "gentle")
(defvar fixed 1) (param fixed 2)
(param pace "slow" "how fast" :one-of ("slow" "fast"))`;

const { program } = loadPolicy([{ file: 'p', text: POLICY }]);
const all: ParamTarget = { kind: 'all' };

function judged(name: string, given: number | string): unknown {
  const { bound, wrong } = bindOverrides(program!, [{ name, given, target: all }]);
  const [first] = wrong;
  return first === undefined
    ? bound[0]?.value
    : first.fault.hint === null
      ? first.fault.message
      : `${first.fault.message}; ${first.fault.hint}`;
}

describe('values for parameters', () => {
  test.each([
    ['share', '25%', 0.25],
    ['share', 0.25, 0.25],
    ['share', '0.25', 0.25],
    ['share', '.25', 0.25],
    ['room', '1.5GiB', 1_572_864],
    ['room', '8192bytes', '8192bytes is outside the range: at least 4MiB'],
    ['room', 65_536, 65_536],
    ['room', '0x10000', 65_536],
    ['wait', '2min', 120],
    ['wait', '500ms', 0.5],
    ['count', 7, 7],
    ['count', '7', 7],
    ['scan', '12pages', 12],
    ['mode', 'fast', 'fast'],
    ['pace', 'fast', 'fast'],
    ['pace', 'fats', '"fats" is not a value of it; did you mean "fast"?; it is "slow", "fast"'],
    ['pace', 'Slow', '"Slow" is not a value of it; did you mean "slow"?; it is "slow", "fast"'],
    ['pace', '', '"" is not a value of it; it is "slow", "fast"'],
    ['pace', 1, '1 is a number; expected a text; write "1"'],
    ['share', '95%', '95% is outside the range: 1% to 90%'],
    ['share', 25, '25 is outside the range: 1% to 90%; write 25%'],
    ['share', 0, '0 is outside the range: 1% to 90%'],
    ['open', 25, '25 would be 2500%; write 25% or 2500%'],
    ['open', 1.1, '1.1 would be 110%; write 1.1% or 110%'],
    ['open', '2500%', 25],
    ['count', 11, '11 is outside the range: at most 10'],
    ['share', '30s', '30s is not the same kind of value as the default, 20%; write it like the default: 20%'],
    ['count', '7%', '7% is not the same kind of value as the default, 5; write it like the default: 5'],
    [
      'room',
      '12pages',
      '12pages is not the same kind of value as the default, 512MiB; write it like the default: 512MiB',
    ],
    ['wait', '5 s', '5 s is not a valid number; write it like the default: 30s'],
    ['wait', '5seconds', '5seconds is not a valid number; write it like the default: 30s'],
    ['wait', '(+ 1 2)', '(+ 1 2) is not a valid number; write it like the default: 30s'],
    ['count', '', '"" is not a valid number; write it like the default: 5'],
    ['count', NaN, 'NaN is not a valid number; write it like the default: 5'],
    ['count', -Infinity, '-Infinity is not a valid number; write it like the default: 5'],
    ['mode', 7, '7 is a number; expected a text; write "7"'],
    ['shre', '25%', 'unknown parameter "shre"; did you mean "share"?'],
    [
      'elsewhere',
      1,
      'unknown parameter "elsewhere"; the policies declare share, open, room, wait, count, scan, mode, fixed, pace',
    ],
    [
      'fixed',
      3,
      '"fixed" is already set by the defvar in p:8:1 and cannot be overridden; remove the defvar and set it under policy.parameters in the config',
    ],
  ])('%s: %j is %j', (name, given, want) => {
    expect(judged(name, given)).toEqual(want);
  });
});

describe('a plain number for a default that is not in the base unit', () => {
  const units = loadPolicy([
    {
      file: 'p',
      text: '(param size 1GiB :max 2GiB) (param wait 5min) (param room 512KiB) (param short 30s) (param share 20%) (param scan 100pages) (param count 5)',
    },
  ]);

  test.each([
    ['size', 1, '1 is taken as 1 KiB; write 1KiB or 1GiB'],
    ['size', '1.5', '1.5 is taken as 1.5 KiB; write 1.5KiB or 1.5GiB'],
    ['size', 4096, '4096 is taken as 4096 KiB; write 4096KiB'],
    ['size', '0x1000', '0x1000 is taken as 4096 KiB; write 4096KiB'],
    ['wait', 5, '5 is taken as 5 s; write 5s or 5min'],
    ['size', '1GiB', null],
    ['size', 0, null],
    ['room', 1024, null],
    ['short', 45, null],
    ['share', 0.3, null],
    ['scan', 12, null],
    ['count', 7, null],
  ])('%s: %j: %j', (name, given, want) => {
    const { suspicious, wrong } = bindOverrides(units.program!, [{ name, given, target: all }]);
    expect(wrong).toEqual([]);
    expect(suspicious.map(({ fault }) => `${fault.message}; ${fault.hint}`)).toEqual(want === null ? [] : [want]);
  });
});

test('as in MOM, a defvar in the first file takes precedence over defvars and params of later files', () => {
  const files = [
    { file: '01-parameters.policy', text: '(defvar share 0.5)' },
    { file: '02-host.policy', text: '(defvar share 0.1) (param share 20%) (Host.Control "s" share)' },
  ];
  const loaded = loadPolicy(files);
  expect(loaded.diagnostics.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'warning: "share" is already set by the defvar in 01-parameters.policy:1:1 and cannot be overridden',
  ]);
  const bound: readonly BoundOverride[] = bindOverrides(loaded.program!, [
    { name: 'share', given: '30%', target: all },
  ]).bound;
  expect(bound).toEqual([]);
});

describe('values for some guests, where a policy reads the parameter', () => {
  const ONE: ParamTarget = { kind: 'guest', pattern: 'db-*' };
  const warnings = (policy: string, target: ParamTarget = ONE) =>
    bindOverrides(loadPolicy([{ file: 'p', text: `(param x 20%) ${policy}` }]).program!, [
      { name: 'x', given: '5%', target },
    ]).suspicious.map(({ fault }) => fault.message);
  const NOWHERE = expect.stringMatching(/^has no effect: the policy reads it outside of loops over guests \(p:1:\d+\)/);
  const PARTLY = expect.stringMatching(/^has no effect everywhere: the policy reads it also outside .* \(p:1:\d+\)/);

  test.each([
    ['in a loop', '(with Guests g (g.Control "t" x))', []],
    ['in a filter', '(count (filter Guests g (> g.f x)))', []],
    ['in a function called in a loop', '(def f (g) (* x 2)) (with Guests g (f g))', []],
    ['in a loop of a function', '(def f () (with Guests g (g.Control "t" x))) (f)', []],
    ['in a loop over a list that may hold guests', '(def f (gs) (with gs g (g.Control "t" x))) (f Guests)', []],
    ['in a function for other files', '(def f () x)', []],
    ['nowhere', '1', []],
    ['of a guest that a variable holds', '(def f (g) (g.Control "t" (g.Param "x"))) (f (first Guests))', []],
    ['of the host', '(Host.Control "t" (Host.Param "x"))', [NOWHERE]],
    ['where a variable hides it', '(let ((x 1)) (Host.Control "t" x))', []],
    ['where a parameter hides it', '(def f (x) (Host.Control "t" x)) (f 1)', []],
    ['at the top level', '(Host.Control "t" x)', [NOWHERE]],
    ['in the list of a loop', '(with (sort Guests g g.f) g (g.Control "t" 1)) (Host.Control "t" x)', [NOWHERE]],
    ['in a variable of the top level', '(defvar y (* 2 x)) (with Guests g (g.Control "t" y))', [NOWHERE]],
    ['in the condition around a loop', '(if (< 1 x) (with Guests g (g.Control "t" 1)) 0)', [NOWHERE]],
    ['in a function for the host', '(def f () x) (Host.Control "t" (f))', [NOWHERE]],
    ['in both', '(if (< 1 x) (with Guests g (g.Control "t" x)) 0)', [PARTLY]],
    ['in a function for both', '(def f () x) (Host.Control "t" (f)) (with Guests g (g.Control "t" (f)))', [PARTLY]],
  ])('%s', (_where, policy, want) => {
    expect(warnings(policy)).toEqual(want);
    expect(warnings(policy, { kind: 'label', label: 'db' })).toEqual(want);
    expect(warnings(policy, { kind: 'all' })).toEqual([]);
  });
});

describe('a text that the policy compares a parameter with', () => {
  const warnings = (policy: string, given: string) =>
    bindOverrides(loadPolicy([{ file: 'p', text: `(param mode "soft") ${policy}` }]).program!, [
      { name: 'mode', given, target: { kind: 'all' } },
    ]).suspicious.map(({ fault }) => fault.message);

  test.each([
    ['a text of a comparison', '(if (== mode "hard") 1 0)', 'hard', false],
    ['the default', '(if (== mode "hard") 1 0)', 'soft', false],
    ['another text', '(if (== mode "hard") 1 0)', 'hrad', true],
    ['another text than those of several comparisons', '(list (== mode "hard") (!= "off" mode))', 'hrad', true],
    ['any text, when it is used in another way too', '(list (== mode "hard") (format "{}" mode))', 'hrad', false],
    ['any text, when it is not read', '1', 'hrad', false],
  ])('%s: %s with %s', (_, policy, given, isWarned) => {
    expect(warnings(policy, given)).toEqual(isWarned ? [expect.stringContaining('has no use for "hrad"')] : []);
  });
});
