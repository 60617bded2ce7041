import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { scriptIo } from '../../../scripts/comparison/io.ts';
import { scenarioRow } from '../../../scripts/packing/markdown.ts';
import { pack } from '../../../scripts/packing/pack.ts';
import { FAMILIES, SET } from '../../../scripts/packing/set.ts';

/** Cheap ones. The first policy is the one that the page compares with. */
const SCENARIO = 'stuck-balloons';
const POLICIES = [SET.policies[0]!, 'none'];

/** The cells of the first row of a scenario, by the titles of the columns. */
function rowOf(page: string, scenario: string): ReadonlyMap<string, string> {
  const cellsOf = (line: string): readonly string[] => line.split('|').slice(1, -1).map((cell) => cell.trim()); // prettier-ignore
  const lines = page.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${scenario} |`));
  const head = lines.findLastIndex((line, before) => before < at && line.startsWith('| scenario |'));
  const cells = cellsOf(lines[at]!);
  return new Map(cellsOf(lines[head]!).map((title, column) => [title, cells[column]!]));
}

it('docs/packing.md has what the simulator and the policies of today give', async () => {
  const page = await readFile('docs/packing.md', 'utf8');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const set = { families: [{ title: 'Cheap', scenarios: [SCENARIO] }], policies: POLICIES, seeds: SET.seeds };
  const packing = (await pack(set, scriptIo(nowhere), new AbortController().signal))!;
  const row = rowOf(page, SCENARIO);
  expect(
    ['scenario', 'by size', 'bound', ...POLICIES].map((column) => row.get(column)),
    'docs/packing.md is older than the simulator or the policies; "npm run packing" writes it',
  ).toEqual(scenarioRow(packing, packing.scenarios[0]!));
  for (const name of FAMILIES.flatMap(({ scenarios }) => scenarios)) expect(rowOf(page, name).size).toBe(row.size);
}, 300_000);
