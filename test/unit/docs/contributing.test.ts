import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** The paths below a folder that the first column of a table names: `src/yaml/` is yaml. */
function pathsBelow(folder: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)]
      .map(([, path]) => path!)
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).replace(/\/$/, '')),
  );
}

it.each(['src', 'test'])('the map of CONTRIBUTING lists every folder in %s, and no other', (folder) => {
  const folders = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const named = pathsBelow(folder).filter((path) => !path.endsWith('.ts') && !path.includes('/'));
  expect(named.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

it('all linked pages exist', () => {
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) expect(() => readFileSync(join(ROOT, path)), path).not.toThrow();
});
