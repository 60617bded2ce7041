import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, remember } from '../../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../../src/policy/index.ts';
import { patternSize } from '../../../src/policy/functions/pattern-size.ts';
import { inputOf, VOCABULARY } from './support.ts';

const INPUT = inputOf({ mem_free: 1 }, { a: { mem_unused: 1 }, b: { mem_unused: null } });

function run(...texts: readonly string[]) {
  const { program } = loadPolicy(texts.map((text, at) => ({ file: `file ${at}`, text })));
  if (program === null) throw new Error('the policy does not load');
  return evaluate(program, INPUT, EMPTY_MEMORY);
}
const codes = (...texts: readonly string[]) => run(...texts).diagnostics.map(({ code }) => code);
/** A loop over many elements, and the operands for its body. */
const loop = (body: string) => `
  (defvar text (* "x" 65000)) (defvar other (+ (* "x" 64999) "y")) (defvar l (* (list 1) 65000))
  (defvar part (+ (* "x" 1000) (+ "y" (* "x" 1000))))
  (map (* (list 1) 90000) i ${body})`;

describe('every operation pays for what it touches', () => {
  test.each([
    ['comparing texts', '(< text other)'],
    ['texts for equality', '(== text other)'],
    ['the start of a text', '(starts-with text other)'],
    ['the greatest text', '(max-of (list text other text other))'],
    ['sorting texts', '(sort (list text other text other))'],
    ['upper case', '(text.upper)'],
    ['characters', '(count text)'],
    ['searching a part', '(text.find part)'],
    ['splitting at a part', '(text.split part)'],
    ['replacing a part', '(text.replace part "z")'],
    ['replacing the empty text', '(text.replace "" "")'],
    ['storing a list', '(Host.SetVar "a" l)'],
    ['a control with a list', '(Host.Control "a" l)'],
  ])('%s', (_, body) => {
    expect(codes(loop(body))).toEqual([expect.stringMatching(/^(?:too-many-steps|too-much-memory|too-much-output)$/)]);
    const first = run(loop(body).replace('90000', '2')).steps;
    const second = run(loop(body).replace('90000', '3')).steps;
    expect(second - first).toBeGreaterThan(900);
  });
});

test('an empty text is replaced at both ends and between all characters, as in Python', () => {
  const { decision } = run('(let ((s "a😀")) (Host.Control "a" (s.replace "" "-")))');
  expect(decision.requests.map(({ value }) => value)).toEqual(['-a-😀-']);
});

describe('memory and output', () => {
  test.each([
    ['joined texts', '(+ text "a")'],
    ['functions as values', '(list Host.StatAvg Host.StatMin Host.StatMax)'],
  ])('%s reach the memory limit', (_, body) => {
    expect(codes(loop(body))).toEqual(['too-much-memory']);
  });

  test('debug lines, reasons and long names count together, in all files', () => {
    const print = loop('(debug text)').replace('90000', '40');
    expect(codes(print, print)).toEqual(['too-much-output']);
    expect(codes(loop('(Host.Control text 1)'))).toEqual(['too-much-output']);
    expect(codes(loop('(because text (Host.Control "a" 1))'))).toEqual(['too-much-output']);
  });

  test('the memory of a failed file is free for the next one', () => {
    const { decision, diagnostics } = run(loop('(+ text "a")'), '(Host.Control "a" (count (* (list 1) 90000)))');
    expect(diagnostics.map(({ code }) => code)).toEqual(['too-much-memory']);
    expect(decision.requests).toHaveLength(1);
  });

  test('what is kept is bounded over all entities and evaluations', () => {
    const { program } = loadPolicy([
      {
        file: 'p',
        text: '(defvar s (* "x" 60000)) (map (* (list 1) 9) i (with Guests g (g.SetVar (concat s i (or (g.GetVar "n") 0)) s)))(with Guests g (g.SetVar "n" (+ 1 (or (g.GetVar "n") 0))))',
      },
    ]);
    let memory = EMPTY_MEMORY;
    const found = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const { writes, diagnostics } = evaluate(program!, INPUT, memory);
      memory = remember(memory, writes);
      for (const { code } of diagnostics) found.add(code);
    }
    expect([...found]).toEqual(['too-much-kept']);
  });
});

describe('patterns', () => {
  test.each([
    ['web-[0-9]+', 10],
    ['a{30}', 36],
    ['(ab{20}){10}', 300],
    ['\\x{1000}\\p{Greek}', 32],
  ])('%s has about %d parts', (pattern, size) => {
    expect(patternSize(pattern)).toBeGreaterThanOrEqual(size * 0.8);
    expect(patternSize(pattern)).toBeLessThanOrEqual(size * 1.2);
  });

  test('a search that would take long is refused', () => {
    expect(codes('(matches (* "ab" 30000) "(a|b)*a.{50}z")')).toEqual(['bad-pattern']);
    expect(codes('(matches "a" "(a{100}){10}b{999}c{999}d{999}e{999}f{999}")')).toEqual(['bad-pattern']);
  });
});

describe('loading', () => {
  /** Names that are also in every JavaScript object. */
  test('any name is only a name', () => {
    const uses = ['toString', 'constructor', 'valueOf', 'hasOwnProperty'].map(
      (name) => `(defvar ${name} 1) ${`(+ ${name} 1)\n`.repeat(201)}`,
    );
    expect(run(...uses).diagnostics).toEqual([]);
  });

  test('a condition that is built from itself again and again does not grow', () => {
    const text = `(defvar c0 (valid Host.mem_free))${Array.from({ length: 60 }, (_, n) => `(defvar c${n + 1} (and c${n} c${n}))`).join('')}(debug c60)`;
    expect(loadPolicy([{ file: 'p', text }], { vocabulary: VOCABULARY }).program).not.toBeNull();
  });
});
