import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

const SECTION = read('docs/replacing-mom.md')
  .split('\n## ')
  .find((section) => section.startsWith('What broke MOM'));

/** The rows below the table header. */
const ROWS = (SECTION ?? '')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2);

/** The tests that a cell names: `` `FILE`: "NAME", "NAME" ``. */
function testsIn(cell: string): readonly (readonly [file: string, name: string])[] {
  return [...cell.matchAll(/`(test\/[^`]+)`: ((?:"[^"]+"(?:, )?)+)/g)].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => [file, name] as const),
  );
}

describe('the table of what broke MOM', () => {
  it('has a proof in each row: a test, or the page with the measurements', () => {
    expect(ROWS.length).toBeGreaterThan(15);
    for (const row of ROWS) {
      const cells = row.split('|').map((cell) => cell.trim());
      expect(cells).toHaveLength(5);
      expect(testsIn(row).length > 0 || row.includes('(benchmarks.md)'), row).toBe(true);
    }
  });

  it.each(ROWS.flatMap(testsIn))('%s has a test "%s"', (file, name) => {
    // The title is the first argument of the call that declares the test.
    expect(read(file).replaceAll(/\s+/g, ' ').replaceAll('( ', '(')).toContain(`('${name}', `);
  });

  it('links to an existing page', () => {
    expect(read('docs/benchmarks.md')).toContain('npm run bench');
  });
});
