import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadPolicy, renderDiagnostics } from '../../../../src/policy/index.ts';
import { VOCABULARY } from '../support.ts';

interface Case {
  readonly note: string;
  readonly text: string;
  /** The rendered diagnostics; with `brief` only their first lines. */
  readonly want: string;
  readonly brief?: boolean;
}

const lines = readFileSync(new URL('../../../cases/diagnostics.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');

describe('diagnostics.jsonl', () => {
  test.each(lines.map((line) => JSON.parse(line) as Case).map((item) => [item.note, item] as const))(
    '%s',
    (_, { text, want, brief }) => {
      const source = { file: 'p', text };
      const { program, diagnostics } = loadPolicy([source], { vocabulary: VOCABULARY });
      const rendered = renderDiagnostics(diagnostics, [source]);
      expect(
        brief
          ? rendered
              .split('\n')
              .filter((line) => line.startsWith('p:'))
              .map((line) => `${line}\n`)
              .join('')
          : rendered,
      ).toBe(want);
      expect(program === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    },
  );
});

describe('large and hostile files', () => {
  const first = (text: string) => {
    const { program, diagnostics } = loadPolicy([{ file: 'p', text }], { vocabulary: VOCABULARY });
    expect(program).toBeNull();
    return diagnostics.map(({ code }) => code);
  };

  test('rejects 10 MB without parsing', () => {
    expect(first('(defvar a 1)\n'.repeat(800_000))).toEqual(['source-too-long']);
  });

  test('reports 100,000 open brackets as one error at the first that is too deep', () => {
    const { diagnostics } = loadPolicy([{ file: 'p', text: '('.repeat(100_000) }]);
    expect(diagnostics.map(({ code, position }) => [code, position?.column])).toEqual([['nested-too-deep', 201]]);
  });

  test('reads, checks and evaluates 200 nested brackets', () => {
    const text = `${'(+ 1 '.repeat(200)}1${')'.repeat(200)}`;
    expect(loadPolicy([{ file: 'p', text }], { vocabulary: VOCABULARY }).diagnostics).toEqual([]);
  });

  test('limits the nesting of forms that a variable may hide, because their code doubles with each level', () => {
    const nested = (depth: number): string => `(defvar if 1)\n${'(if 1 '.repeat(depth)}1${' 2)'.repeat(depth)}`;
    expect(loadPolicy([{ file: 'p', text: nested(8) }], { vocabulary: VOCABULARY }).program).not.toBeNull();
    expect(first(nested(60))).toContain('too-many-ways');
    const plain = `(defvar max 1)\n${'(max 1 '.repeat(60)}1${' 2)'.repeat(60)}`;
    expect(loadPolicy([{ file: 'p', text: plain }], { vocabulary: VOCABULARY }).program).not.toBeNull();
  });

  test('counts thousands of errors instead of showing them', () => {
    const codes = first('@ '.repeat(20_000));
    expect(codes).toHaveLength(51);
    expect(codes.at(-1)).toBe('more-errors');
    const unknown = first(Array.from({ length: 20_000 }, (_, at) => `nosuch_${at}`).join(' '));
    expect(unknown).toHaveLength(51);
    expect(unknown.at(-1)).toBe('more-errors');
  });

  test('reports a binary file', () => {
    const text = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 256)).toString('utf8');
    expect(first(text)).toEqual(['not-text']);
  });

  test('accepts an empty file and one with only comments', () => {
    for (const text of ['', '\n\n', '# nothing', '\uFEFF# with a byte order mark']) {
      const { program, diagnostics } = loadPolicy([{ file: 'p', text }], { vocabulary: VOCABULARY });
      expect(diagnostics).toEqual([]);
      expect(program).not.toBeNull();
    }
  });

  test('shows a long line around the position, without control characters', () => {
    const source = { file: 'p\u001b[31m', text: `"${'x'.repeat(5_000)}\u001b[2J" nosuch ${'y '.repeat(500)}` };
    const { diagnostics } = loadPolicy([source], { vocabulary: VOCABULARY, limits: { diagnostics: 1 } });
    const rendered = renderDiagnostics(diagnostics, [source]);
    expect(rendered).not.toContain('\u001b');
    expect(Math.max(...rendered.split('\n').map((line) => line.length))).toBeLessThan(220);
    const [, line = '', caret = ''] = rendered.split('\n');
    expect(line.slice(caret.indexOf('^'), caret.indexOf('^') + 6)).toBe('nosuch');
  });
});
