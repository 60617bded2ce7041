import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { loadPolicy } from '../../../../src/policy/index.ts';

interface Case {
  readonly note: string;
  readonly text: string;
  /** `line:column severity code` of each diagnostic. */
  readonly want: readonly string[];
}

const lines = readFileSync(new URL('../../../cases/types.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const { vocabulary } = builtinPlugins();

describe('types.jsonl', () => {
  test.each(lines.map((line) => JSON.parse(line) as Case).map((item) => [item.note, item] as const))(
    '%s',
    (_, { text, want }) => {
      const { diagnostics } = loadPolicy([{ file: 'p', text }], { vocabulary });
      expect(
        diagnostics.map(({ position, severity, code }) => `${position?.line}:${position?.column} ${severity} ${code}`),
        text,
      ).toEqual(want);
    },
  );
});
