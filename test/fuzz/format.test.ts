import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCase } from '../../src/cli/handlers/eval-cases.ts';
import { builtinPlugins } from '../../src/compose/plugins.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../src/policy/index.ts';
import { comparable } from '../support/fuzzing.ts';
import { assertLayout, layoutText } from '../support/layout.ts';
import {
  balancedSoup,
  few,
  laidOut,
  mutated,
  programs,
  realPolicies,
  worlds,
  type Words,
} from '../support/programs.ts';

const vocabulary = few(builtinPlugins().vocabulary);
const REAL = realPolicies();
const RUNS = 300;

function formatted(text: string): string {
  const layout = layoutText(text);
  if (layout === null) throw new Error('the policy cannot be formatted');
  return layout;
}

const parses = (text: string): boolean => layoutText(text) !== null;
/** A deep copy without the source positions. */
function withoutPositions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'position' ? undefined : inner)));
}

const texts = (words: Words) => laidOut(words, true);
const generated = programs(vocabulary, { wrongKinds: 3 });

describe('formatting keeps the words and the comments, and is idempotent', () => {
  test('for generated programs in any layout', () => {
    fc.assert(fc.property(generated.chain(texts), assertLayout), { numRuns: RUNS });
  });

  test('for any nesting of brackets', () => {
    fc.assert(fc.property(balancedSoup.chain(texts), assertLayout), { numRuns: 2 * RUNS });
  });

  test('for mutated real policies', () => {
    const changed = mutated(REAL.map(({ text }) => text)).filter(parses);
    fc.assert(fc.property(changed, assertLayout), { numRuns: 2 * RUNS });
  });

  test('for the real policies', () => {
    for (const { text } of REAL) if (parses(text)) assertLayout(text);
  });

  test('programs of the same words, without comments and blank lines, get the same layout', () => {
    const twice = generated.chain((words) => fc.tuple(laidOut(words, false), laidOut(words, false)));
    fc.assert(
      fc.property(twice, ([one, other]) => {
        expect(formatted(one)).toBe(formatted(other));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a formatted policy evaluates the same', () => {
  test('for generated programs, over any host and guests', () => {
    fc.assert(
      fc.property(generated.chain(texts), worlds(vocabulary), (text, input) => {
        const run = (policy: string) => {
          const { program, diagnostics } = loadPolicy([{ file: 'p', text: policy }]);
          expect(diagnostics).toEqual([]);
          const debugLines: string[] = [];
          const { decision, writes, results, steps } = evaluate(program!, input, EMPTY_MEMORY, {
            collectResults: true,
            debug: (line) => debugLines.push(line),
          });
          return { decision: withoutPositions(decision), writes, results: results.map(comparable), steps, debugLines };
        };
        expect(run(formatted(text))).toEqual(run(text));
      }),
      { numRuns: RUNS },
    );
  });

  test.each(['language-corners', 'language-random', 'entities', 'entity-corners'])('for %s', (name) => {
    const lines = readFileSync(new URL(`../cases/${name}.jsonl`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const outcome = (line: object) => {
      const { errors, ...rest } = runCase(JSON.stringify(line));
      return { ...rest, errors: errors.map(({ line: _line, column: _column, ...error }) => error) };
    };
    for (const line of lines) {
      const item = JSON.parse(line) as { policy: string };
      if (parses(item.policy))
        expect(outcome({ ...item, policy: formatted(item.policy) }), item.policy).toEqual(outcome(item));
      else expect(outcome(item).errors[0]?.phase).toBe('parse');
    }
  });
});
