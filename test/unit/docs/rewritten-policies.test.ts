import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPolicies } from '../../../src/cli/handlers/check.ts';
import { formatPolicies } from '../../../src/cli/handlers/fmt.ts';
import { runPolicyTests } from '../../../src/cli/handlers/test.ts';
import { builtinPlugins } from '../../../src/compose/plugins.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { expectCovered } from '../../support/covered-policy.ts';

const FOLDER = 'docs/examples/rewritten';
const { vocabulary } = builtinPlugins();
const files = readdirSync(FOLDER);
const policies = files.filter((name) => name.endsWith('.policy'));
const names = policies.filter((name) => !name.endsWith('.before.policy')).map((name) => name.replace('.policy', ''));
const better = names.filter((name) => existsSync(join(FOLDER, `${name}.better.test.yaml`)));
const page = readFileSync('docs/rewritten-policies.md', 'utf8');

let older: string;

beforeAll(async () => {
  // The older policies under the names of the newer ones, so that the same tests run with them.
  older = await mkdtemp(join(tmpdir(), 'ballast-rewritten-'));
  for (const name of files) {
    if (name.endsWith('.test.yaml')) await writeFile(join(older, name), await readFile(join(FOLDER, name)));
    if (name.endsWith('.before.policy'))
      await writeFile(join(older, name.replace('.before', '')), await readFile(join(FOLDER, name)));
  }
});
afterAll(() => rm(older, { recursive: true }));

/** The last line that `ballast test` prints for a file. */
async function summaryOf(file: string): Promise<string | undefined> {
  const io = capturedIo();
  const options = { filter: null, coverage: false, minCoverage: null, junit: null, json: false };
  await runPolicyTests({ ...options, files: [file], clock: () => performance.now() }, io, vocabulary);
  return io.stdout.text.trimEnd().split('\n').at(-1);
}

describe('the rewritten policies', () => {
  it('are six, each with the older one and tests, and on their page with the number of lines', () => {
    expect(names).toHaveLength(6);
    const expected = names.flatMap((name) => [`${name}.policy`, `${name}.before.policy`, `${name}.test.yaml`]);
    expect([...files].sort()).toEqual([...expected, ...better.map((name) => `${name}.better.test.yaml`)].sort());
    for (const file of files) expect(page).toContain(`](examples/rewritten/${file})`);
    const linesOf = (file: string): number => readFileSync(join(FOLDER, file), 'utf8').split('\n').length - 1;
    const rows = [...page.matchAll(/^\| \[.*\]\(#.*\) \| (\d+) \| (\d+) \|/gm)].map(([, ...lines]) => lines.join(' '));
    expect(rows.sort()).toEqual(
      names.map((name) => `${linesOf(`${name}.before.policy`)} ${linesOf(`${name}.policy`)}`).sort(),
    );
  });

  it.each(policies)('%s has no warnings and is formatted', async (name) => {
    const path = join(FOLDER, name);
    const io = capturedIo();
    expect(await checkPolicies({ paths: [path], json: false }, io, vocabulary)).toBe(0);
    expect(io.stdout.text).toBe('1 file: no mistakes found\n');
    expect(await formatPolicies({ paths: [path], check: true, diff: false }, capturedIo())).toBe(0);
  });

  it.each(names)('the tests of %s reach all branches of both versions', async (name) => {
    await expectCovered(join(FOLDER, `${name}.test.yaml`), vocabulary);
    await expectCovered(join(older, `${name}.test.yaml`), vocabulary);
  });

  it.each(better)('what %s does better fails with the older one', async (name) => {
    expect(await summaryOf(join(FOLDER, `${name}.better.test.yaml`))).toMatch(/^[1-9]\d* passed, 0 failed$/);
    expect(await summaryOf(join(older, `${name}.better.test.yaml`))).toMatch(/^0 passed, [1-9]\d* failed$/);
  });
});
