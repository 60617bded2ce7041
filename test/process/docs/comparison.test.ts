import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { figureRows } from '../../../scripts/comparison/markdown.ts';
import { compareSet, SCENARIOS, SET } from '../../../scripts/comparison/set.ts';

/** Cheap ones. */
const SCENARIO = 'stuck-balloons';
const POLICIES = ['none', 'balanced'];

/** The cells of a table of the page, by the titles of its columns. */
function tableOf(page: string, heading: string): readonly ReadonlyMap<string, string>[] {
  const lines = page.slice(page.indexOf(`\n## ${heading}\n`) + 1).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const table = lines.slice(first, lines.indexOf('', first));
  const [head = [], , ...rows] = table.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.map((row) => new Map(head.map((title, at) => [title, row[at]!])));
}

it('docs/comparison.md has what the simulator and the policies of today give', async () => {
  const page = await readFile('docs/comparison.md', 'utf8');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const [, seeds] = / with the seeds 1 to ([0-9]{1,3})\./.exec(page)!;
  const { comparison } = await compareSet(
    { scenarios: [SCENARIO], policies: POLICIES, seeds: Number(seeds) },
    nowhere,
    new AbortController().signal,
  );
  const now = figureRows(comparison, comparison.scenarios[0]!);
  const shown = tableOf(page, SCENARIO).map((row) => ['', ...POLICIES].map((column) => row.get(column)));
  expect(
    shown,
    'docs/comparison.md is older than the simulator or the policies; "npm run comparison" writes it',
  ).toEqual(now);
  for (const name of SCENARIOS) expect(tableOf(page, name)).toHaveLength(now.length);
  for (const policy of SET.policies) expect(page).toContain(`--policy ${policy} `);
}, 300_000);
