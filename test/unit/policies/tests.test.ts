import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { diffLines } from 'diff';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builtinPlugins } from '../../../src/compose/plugins.ts';
import { policyTestJsonSchema } from '../../../src/tooling/testing/json-schema.ts';
import { expectCovered } from '../../support/covered-policy.ts';

const POLICIES = 'policies';
const SCHEMA = 'docs/policy-test.schema.json';
const { vocabulary } = builtinPlugins();
const names = readdirSync(POLICIES);
const policies = names.filter((name) => name.endsWith('.policy'));

describe('the tests of the shipped policies', () => {
  it.each(policies)('%s has tests, which pass and cover all of its branches', async (policy) => {
    const file = join(POLICIES, policy.replace(/\.policy$/, '.test.yaml'));
    await expectCovered(file, vocabulary);
  });

  it('exist only for shipped policies', () => {
    const tested = names
      .filter((name) => name.endsWith('.test.yaml'))
      .map((name) => name.replace(/\.test\.yaml$/, '.policy'));
    expect(tested).toEqual(policies);
  });
});

describe(SCHEMA, () => {
  const text = readFileSync(SCHEMA, 'utf8');

  it('differs only in lines about the field when a field is added', () => {
    const field = {
      name: 'brand_new',
      type: 'number',
      unit: 'KiB',
      optional: true,
      doc: 'Brand new',
      source: '/x',
    } as const;
    const more = {
      ...vocabulary,
      hostFields: [...vocabulary.hostFields.slice(0, 3), field, ...vocabulary.hostFields.slice(3)],
    };
    const changes = diffLines(policyTestJsonSchema(vocabulary), policyTestJsonSchema(more)).filter(
      ({ added, removed }) => added || removed,
    );
    expect(changes.map(({ added }) => added)).toEqual([true, true]);
    expect(changes.map(({ value }) => JSON.parse(`{${value.trim().replace(/,$/, '')}}`) as unknown)).toEqual([
      { brand_new: { description: 'Brand new (KiB); may be null (nil)', allOf: [{ $ref: '#/definitions/reading' }] } },
      // Of the last days.
      { brand_new: { allOf: [{ $ref: '#/definitions/scalar' }] } },
    ]);
  });

  it('describes each field and control for editors', () => {
    for (const { doc } of [...vocabulary.hostFields, ...vocabulary.guestFields, ...vocabulary.controls])
      expect(text).toContain(JSON.stringify(doc).slice(1, -1));
  });

  it.each(names.filter((name) => name.endsWith('.test.yaml')))('is valid for %s, which names it', (name) => {
    const test = readFileSync(join(POLICIES, name), 'utf8');
    expect(test.split('\n', 1)[0]).toBe(`# yaml-language-server: $schema=../${SCHEMA}`);
    const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text) as object);
    expect(validate(parse(test)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    ['a misspelt field', { policy: 'p', cases: [{ name: 'a', host: { mem_fre: 1 }, expect: 'nothing' }] }],
    [
      "a guest's control for the host",
      { policy: 'p', cases: [{ name: 'a', expect: { host: { balloon_target: 1 } } }] },
    ],
    ['a file without cases', { policy: 'p', cases: [] }],
  ])('rejects %s', (_what, value) => {
    expect(new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text) as object)(value)).toBe(false);
  });
});
