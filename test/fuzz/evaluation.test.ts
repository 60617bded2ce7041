import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../src/policy/index.ts';
import { inputOf } from '../unit/policy/support.ts';

const INPUT = inputOf(
  { mem_free: 10, mem_available: 100 },
  { a: { balloon_cur: 1, mem_unused: null }, b: { balloon_cur: 2, mem_unused: 5 } },
);
// Small limits, so that a program that does not end fails early.
const LIMITS = { steps: 20_000, stepsPerGuest: 1_000, callDepth: 200 };

describe('scopes', () => {
  /** Programs with nested bindings, some of them conditional, over few names that are mostly bound, to expose wrong lexical shortcuts. */
  const expressionOver = (...names: string[]) => {
    const name = fc.constantFrom(...names);
    return fc.letrec<{ expression: string }>((tie) => {
      const inner = tie('expression');
      return {
        expression: fc.oneof(
          { maxDepth: 6, depthSize: 'medium' },
          name,
          fc.nat({ max: 9 }).map(String),
          name.map((n) => `${n}.real`),
          fc.tuple(name, inner).map(([n, value]) => `(defvar ${n} ${value})`),
          fc.tuple(name, inner).map(([n, value]) => `(set ${n} ${value})`),
          fc.tuple(name, inner, inner).map(([n, value, body]) => `(let ((${n} ${value})) ${body})`),
          fc
            .tuple(name, name, inner, inner)
            .map(([n, m, value, body]) => `(let ((${n} 5)) { (if ${m} (defvar ${m} ${value}) 0) ${body} })`),
          fc.tuple(inner, inner, inner).map((parts) => `(if ${parts.join(' ')})`),
          fc.tuple(name, inner).map(([n, body]) => `(with text ${n} ${body})`),
          fc.tuple(inner, inner).map((parts) => `{ ${parts.join(' ')} }`),
          fc.tuple(fc.constantFrom('f', 'g'), inner, inner).map(([f, x, y]) => `(${f} ${x} ${y})`),
          fc.tuple(inner, inner).map((parts) => `(and ${parts.join(' ')})`),
          fc.tuple(inner, inner).map((parts) => `(== ${parts.join(' ')})`),
        ),
      };
    }).expression;
  };
  const top = fc.array(expressionOver('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 });
  const program = fc
    .tuple(expressionOver('a', 'b'), fc.oneof(expressionOver('c', 'd'), expressionOver('b', 'c', 'd')), top)
    .map(([f, g, all]) => {
      const bound = all.map((expression) => `(let ((a 1) (b "x") (c 0) (d 4)) ${expression})`);
      return `(defvar text "xy") (def f (a b) ${f}) (def g (c d) ${g}) ${bound.join(' ')}`;
    });

  test('variables of the generated code resolve names as scopes do', () => {
    fc.assert(
      fc.property(program, (text) => {
        const run = (all: boolean) => {
          const loaded = loadPolicy([{ file: 'p', text }], { limits: LIMITS }).program;
          if (loaded === null) throw new Error('the program does not load');
          if (all) loaded.useAllScopes();
          const { results, decision, steps } = evaluate(loaded, INPUT, EMPTY_MEMORY, { collectResults: true });
          return { results, errors: decision.errors, steps };
        };
        expect(run(false)).toEqual(run(true));
      }),
      { numRuns: 1_500 },
    );
  });
});
