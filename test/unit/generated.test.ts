import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { firstDifference, GENERATED, type GeneratedFile } from '../../scripts/generated.ts';

describe('generated files', () => {
  it.each(GENERATED)('$path is up to date', async (file) => {
    const found = readFileSync(new URL(`../../${file.path}`, import.meta.url), 'utf8');
    const difference = firstDifference(file, found, await file.text(found));
    if (difference !== null) expect.fail(difference);
  });

  it('only the first line that differs is reported', () => {
    const file: GeneratedFile = { path: 'docs/x.md', text: () => '' };
    expect(firstDifference(file, 'a\nb\n', 'a\nb\n')).toBeNull();
    expect(firstDifference(file, 'a\nold\nolder\n', 'a\nnew\nnewer\n')).toBe(
      'docs/x.md:2 is out of date; npm run generate writes it\n  expected: new\n  found:    old',
    );
    expect(firstDifference(file, 'a', 'a\n')).toContain('docs/x.md:2 ');
    expect(firstDifference(file, 'a\nb', 'a')).toContain('expected: (the end of the file)\n  found:    b');
  });
});
