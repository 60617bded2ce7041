import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../../../src/policy/index.ts';
import { inputOf } from '../support.ts';

/** The controls with their reasons, for guests a (m = 1) and b (m = 9). */
function reasons(text: string): Record<string, string | null> {
  const { program, diagnostics } = loadPolicy([{ file: 'p', text }]);
  if (program === null) throw new Error(diagnostics[0]?.message);
  const { decision } = evaluate(program, inputOf({ free: 5 }, { a: { m: 1 }, b: { m: 9 } }), EMPTY_MEMORY);
  return Object.fromEntries(
    decision.requests.map(({ guest, name, reason }) => [`${guest?.name ?? 'Host'} ${name}`, reason]),
  );
}

describe('the automatic reason of a control', () => {
  test('is absent without conditions', () => {
    expect(reasons('(Host.Control "c" 1)')).toEqual({ 'Host c': null });
  });

  test('consists of the conditions around it, with false ones negated', () => {
    expect(reasons('(with Guests g (if (< g.m 5) (g.Control "c" 1) (g.Control "c" 2)))')).toEqual({
      'a c': 'g.m < 5',
      'b c': 'g.m >= 5',
    });
  });

  test("includes the conditions of a function's only caller", () => {
    expect(
      reasons('(def f (g) (if (> g.m 0) (g.Control "c" 1) 0)) (if (< Host.free 7) (with Guests g (f g)) 0)'),
    ).toEqual({
      'a c': 'Host.free < 7; g.m > 0',
      'b c': 'Host.free < 7; g.m > 0',
    });
  });

  test('distinguishes several callers of a function, including indirect ones', () => {
    const policy = `(def move (g n) (if (!= n g.m) (g.Control "c" n) 0))
      (def step (g) (move g 3))
      (with Guests g (if (< g.m 5) (step g) (if (> g.m 8) (step g) (move g 4))))`;
    expect(reasons(policy)).toEqual({ 'a c': 'g.m < 5; n != g.m', 'b c': 'g.m >= 5; g.m > 8; n != g.m' });
  });

  test('includes for cond that the earlier clauses did not match', () => {
    expect(
      reasons(
        '(with Guests g (cond ((> g.m 20) 0) ((and (valid g.m) (< g.m 5)) (g.Control "c" 1)) (else (g.Control "c" 2))))',
      ),
    ).toEqual({
      'a c': 'g.m <= 20; g.m < 5',
      'b c': 'g.m <= 20; not valid(g.m) or g.m >= 5',
    });
  });

  test('words and, or, not and functions, and omits tests for nil', () => {
    const policy = `(def low (x) (< x 5))
      (with Guests g (if (valid g.m) (if (or (not (low g.m)) (and (> g.m 0) (!= (+ g.m 1) 3))) (g.Control "c" 1) 0) 0))`;
    expect(reasons(policy)['a c']).toBe('not low(g.m) or (g.m > 0 and g.m + 1 != 3)');
  });

  test('yields to a reason of the policy', () => {
    expect(reasons('(if 1 { (Host.Control "a" 1 "mine") (because "ours" (Host.Control "b" 1)) } 0)')).toEqual({
      'Host a': 'mine',
      'Host b': 'ours',
    });
  });

  test('terminates for recursive functions', () => {
    expect(reasons('(def f (n) (if (> n 0) { (Host.Control "c" n) (f (- n 1)) } 0)) (f 3)')).toEqual({
      'Host c': 'n > 0',
    });
  });

  test('is limited to the length of a log line', () => {
    const long = `(if (< Host.free ${'(+ 1 '.repeat(100)}7${')'.repeat(100)}) (Host.Control "c" 1) 0)`;
    expect(reasons(long)['Host c']).toHaveLength(240);
  });
});
