import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { evaluate, loadPolicy, renderDiagnostics, type PolicySource } from '../../src/policy/index.ts';
import { inputOf, VOCABULARY } from './support.ts';

const POLICIES = readFileSync(new URL('../cases/language-corners.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (JSON.parse(line) as { policy: string }).policy);

const INPUT = inputOf({ mem_free: 10, mem_available: 100 }, { a: { balloon_cur: 1, mem_unused: null }, b: { balloon_cur: 2, mem_unused: 5 } });
// Small bounds, so that a runaway program is found out early.
const LIMITS = { steps: 20_000, stepsPerGuest: 1_000, callDepth: 200 };

/** Whatever the text: no exception, an end, and every diagnostic at a place that exists. */
function survives(sources: readonly PolicySource[]): void {
  for (const vocabulary of [undefined, VOCABULARY]) {
    const { program, diagnostics } = loadPolicy(sources, { limits: LIMITS, ...(vocabulary && { vocabulary }) });
    expect(program === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    const all = [...diagnostics];
    if (program !== null) {
      const evaluation = evaluate(program, INPUT, EMPTY_MEMORY, { collectResults: true });
      all.push(...evaluation.diagnostics);
      expect(evaluation.decision.errors).toHaveLength(evaluation.diagnostics.length);
      expect(evaluate(program, INPUT, EMPTY_MEMORY, { collectResults: true })).toEqual(evaluation);
    }
    for (const { span, position, end, message } of all) {
      const source = sources.find(({ file }) => file === position?.file);
      if (!source || !span || !position || !end) throw new Error(`no place: ${message}`);
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(source.text.length);
      const before = source.text.slice(0, span.start).split('\n');
      expect([position.line, position.column]).toEqual([before.length, (before.at(-1) ?? '').length + 1]);
    }
    expect(typeof renderDiagnostics(all, sources)).toBe('string');
  }
}

const pieces = fc.constantFrom(
  ...'(){}[]'.split(''),
  ...' \n#"\'.-+'.split(''),
  '(def f (x) ', '(with Guests g ', '(let ((x 1)) ', '(defvar x ', '(set x ', '(if ', '(f ', '(and ', '(or ', 'x', 'g', 'f', 'nil', 'Host', 'Guests',
  'g.balloon_cur', 'g.mem_unused', 'Host.mem_free', '(g.Control "t" ', '(g.StatAvg "mem_unused")', '(Host.SetVar "v" ', '(+ ', '(/ ', '(* ', '(<< ', '(== ',
  '0', '1', '-1', '2.5', '1e3', '0x1F', '0o17', '1e308', '"text"', '(debug ', '(abs ', 'eval', 'max', 'a.b', '@', '0777', '\u{1F600}', '\0',
);

describe('whatever the text, there is an answer', () => {
  test('any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => survives([{ file: 'p', text }])), { numRuns: 300 });
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => survives([{ file: 'p', text: Buffer.from(bytes).toString('utf8') }])),
      { numRuns: 300 },
    );
  });

  test('any sequence of what the language is made of', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.constantFrom('', ' '), (parts, between) => survives([{ file: 'p', text: parts.join(between) }])),
      { numRuns: 1_500 },
    );
  });

  test('policies with something changed', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...POLICIES), fc.constantFrom(...POLICIES), fc.nat(), fc.nat(), pieces)
      .map(([one, other, at, length, piece]) => {
        const place = one.length === 0 ? 0 : at % one.length;
        return `${one.slice(0, place)}${piece}${other.slice(length % (other.length + 1))}${one.slice(place + (length % 3))}`;
      });
    fc.assert(fc.property(mutated, mutated, (one, two) => survives([{ file: 'one', text: one }, { file: 'two', text: two }])), { numRuns: 1_000 });
  });
});

describe('scopes', () => {
  /** Programs of nested bindings, conditional ones too, over few names that are mostly bound: where a lexical shortcut would show. */
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
          fc.tuple(name, name, inner, inner).map(([n, m, value, body]) => `(let ((${n} 5)) { (if ${m} (defvar ${m} ${value}) 0) ${body} })`),
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

  test('names kept in variables of the generated code mean what names in scopes mean', () => {
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
