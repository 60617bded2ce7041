import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/tooling/explain/explain.ts';
import { renderExplanation } from '../../../../src/tooling/explain/render.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { evaluate, loadPolicy, Tracer, type PolicySource } from '../../../../src/policy/index.ts';
import { inputOf, VOCABULARY } from '../../policy/support.ts';

const INPUT = inputOf(
  { mem_free: 10, mem_available: 100 },
  { a: { balloon_cur: 1, mem_unused: null }, b: { balloon_cur: 2, mem_unused: 5 } },
);
const PLAN = { actions: [], held: [] };

/** Explains the host and each guest. The test runner limits the time. */
function explainAll(sources: readonly PolicySource[]): readonly string[] {
  const { program } = loadPolicy(sources);
  if (program === null) return [];
  const tracer = new Tracer();
  const { decision } = evaluate(program, INPUT, EMPTY_MEMORY, { tracer });
  const trace = tracer.read();
  return [null, ...INPUT.guests].map((guest) => {
    const explanation = explain({
      program,
      trace,
      vocabulary: VOCABULARY,
      decision,
      plan: PLAN,
      recorded: null,
      guest,
    });
    const own = decision.requests.filter((request) => request.guest?.uuid === guest?.uuid);
    // Every request has a path that ends in the request.
    expect(explanation.asked.map(({ path }) => path.at(-1)?.kind)).toEqual(own.map(() => 'control'));
    return renderExplanation(explanation);
  });
}

describe('explains any policy', () => {
  const folder = new URL('../../../cases/', import.meta.url);
  test.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))(
    '%s',
    (file) => {
      const lines = readFileSync(new URL(file, folder), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      for (const line of lines) {
        const { policy, files } = JSON.parse(line) as { policy?: string; files?: Record<string, string> };
        const sources = Object.entries(files ?? { p: policy ?? '' }).map(([name, text]) => ({ file: name, text }));
        for (const text of explainAll(sources)) expect(text, line).not.toMatch(/\bundefined\b/);
      }
    },
    60_000,
  );
});

describe('limits the time for', () => {
  const names = Array.from({ length: 60 }, (_, n) => n);

  test('names with exponentially many dependencies', () => {
    const values = names.map((n) => `(defvar x${n + 1} (min x${n} x${n}))`).join('\n');
    const [host] = explainAll([
      { file: 'p', text: `(defvar x0 Host.mem_free)\n${values}\n(if (< x60 100) (Host.Control "ksm_run" x60) 0)` },
    ]);
    expect(host).toContain('requests ksm_run = x60 = 10');
  });

  test('conditions that refer to each other', () => {
    const values = names.map((n) => `(defvar x${n + 1} (or x${n} x${n}))`).join('\n');
    const [host] = explainAll([
      { file: 'p', text: `(defvar x0 (> Host.mem_free 12))\n${values}\n(if x60 (Host.Control "ksm_run" 1) 0)` },
    ]);
    expect(host).toContain('but Host.mem_free 10 KiB is 2 KiB below the 12 KiB required');
  });

  test('functions that call each other in exponentially many ways and are never called', () => {
    const functions = names.map((n) => `(def f${n + 1} () { (f${n}) (f${n}) })`).join('\n');
    const [host] = explainAll([
      { file: 'p', text: `(def f0 () (Host.Control "ksm_run" 1))\n${functions}\n(if (> Host.mem_free 12) (f60) 0)` },
    ]);
    expect(host).toContain('but Host.mem_free 10 KiB is 2 KiB below the 12 KiB required');
  });

  test('a function with hundreds of recursive calls', () => {
    const text = '(def down (n) (if (< n 1) n (down (- n 1))))\n(Host.Control "ksm_run" (down 400))';
    const [host] = explainAll([{ file: 'p', text }]);
    expect(host).toContain('requests ksm_run = down(400) = 0');
  });
});
