import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** The paths below a folder that the first column of a table names: `src/yaml/` is yaml. */
function placesBelow(folder: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)]
      .map(([, place]) => place!)
      .filter((place) => place.startsWith(`${folder}/`))
      .map((place) => place.slice(folder.length + 1).replace(/\/$/, '')),
  );
}

it.each(['src', 'test'])('the map of CONTRIBUTING lists every folder in %s, and no other', (folder) => {
  const there = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const named = placesBelow(folder).filter((place) => !place.endsWith('.ts') && !place.includes('/'));
  expect(named.toSorted()).toEqual(there.map(({ name }) => name).toSorted());
});

it('all linked pages exist', () => {
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) expect(() => readFileSync(join(ROOT, path)), path).not.toThrow();
});
