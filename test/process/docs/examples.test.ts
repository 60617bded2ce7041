import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkPolicies } from '../../../src/cli/handlers/check.ts';
import { formatPolicies } from '../../../src/cli/handlers/fmt.ts';
import { builtinPlugins } from '../../../src/compose/plugins.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { expectCovered } from '../../support/covered-policy.ts';
import { BALLAST, runBallast } from '../../support/ballast.ts';

const FOLDER = 'docs/examples';
const RECORDING = 'test/recordings/demo.jsonl.gz';
const { vocabulary } = builtinPlugins();
// The folder `rewritten` has a page and a test of its own.
const names = readdirSync(FOLDER).filter((name) => name !== 'rewritten');
const policies = names.filter((name) => name.endsWith('.policy'));
const page = readFileSync(join(FOLDER, 'README.md'), 'utf8');

describe('the lines for a CI workflow', () => {
  const lines =
    /^In a CI workflow this takes two lines:\n\n```sh\n([^]*?)^```/m.exec(
      readFileSync('docs/policy-tests.md', 'utf8'),
    )?.[1] ?? '';
  const [loop = ''] = lines.split('\n');

  it('check each policy separately, because as one program they have errors', () => {
    expect(loop).toMatch(/ policies\/\*\.policy;/);
    const env = { ...process.env, PATH: `${dirname(BALLAST)}:${process.env['PATH']}` };
    const check = (script: string) => spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    expect(check(loop.replace(' policies/', ` ${FOLDER}/`))).toMatchObject({
      status: 0,
      stdout: '1 file: no mistakes found\n'.repeat(policies.length),
    });
    const combined = check(`ballast check ${FOLDER}/*.policy`);
    expect(combined).toMatchObject({ status: 1 });
    expect(combined.stdout).toContain('is declared twice');
  }, 30_000);
});

describe('the examples for production', () => {
  it('are listed on their page, with their tests', () => {
    expect(policies).toHaveLength(3);
    const files = policies.flatMap((policy) => [policy, policy.replace(/\.policy$/, '.test.yaml')]);
    expect([...names].sort()).toEqual([...files, 'README.md'].sort());
    for (const file of files) expect(page).toContain(`](${file})`);
  });

  it.each(policies)('%s: has no warnings and is formatted', async (name) => {
    const path = join(FOLDER, name);
    const io = capturedIo();
    expect(await checkPolicies({ paths: [path], json: false }, io, vocabulary)).toBe(0);
    expect(io.stdout.text).toBe('1 file: no mistakes found\n');
    expect(await formatPolicies({ paths: [path], check: true, diff: false }, capturedIo())).toBe(0);
  });

  it.each(policies)('%s: its tests pass with full branch coverage', async (name) => {
    const file = join(FOLDER, name.replace(/\.policy$/, '.test.yaml'));
    await expectCovered(file, vocabulary);
  });

  it.each(names.filter((name) => name.endsWith('.test.yaml')))('%s conforms to its schema', (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    expect(text.split('\n', 1)[0]).toBe('# yaml-language-server: $schema=../policy-test.schema.json');
    const validate = new Ajv({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync('docs/policy-test.schema.json', 'utf8')) as object,
    );
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(policies)('%s: makes decisions on a recording without errors, each with a reason', async (name) => {
    const { code, stdout } = await runBallast(['replay', RECORDING, '--policy', join(FOLDER, name), '--json']);
    expect(code).toBe(0);
    const lines = stdout
      .split('\n')
      .map((line) => JSON.parse(line) as { actions?: { reason: string | null }[]; errors?: unknown[] });
    const actions = lines.flatMap((line) => line.actions ?? []);
    expect(actions.length).toBeGreaterThan(10);
    expect(actions.filter(({ reason }) => !reason)).toEqual([]);
    expect(lines.flatMap((line) => (Array.isArray(line.errors) ? line.errors : []))).toEqual([]);
  });
});
