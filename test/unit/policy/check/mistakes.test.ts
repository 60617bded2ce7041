import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { loadPolicy, renderDiagnostics } from '../../../../src/policy/index.ts';

// Typical mistakes in first policies, with the messages.

interface Mistake {
  readonly note: string;
  readonly text: string;
  readonly want: string;
}

const lines = readFileSync(new URL('../../../cases/mistakes.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const { vocabulary } = builtinPlugins();

describe('mistakes.jsonl', () => {
  test.each(lines.map((line) => JSON.parse(line) as Mistake).map((item) => [item.note, item] as const))(
    '%s',
    (_, { text, want }) => {
      const source = { file: 'p', text };
      expect(renderDiagnostics(loadPolicy([source], { vocabulary }).diagnostics, [source])).toBe(want);
    },
  );
});
