import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../support/config.ts';
import { parseParameters } from '../../../src/parameters/file.ts';
import { renderProblem } from '../../../src/yaml/problem.ts';
import { describeOverride } from '../../../src/model/parameter.ts';

function read(text: string): string[] {
  const parsed = parseParameters('p.yaml', text);
  if ('errors' in parsed) return parsed.errors.map(renderProblem);
  return parsed.overrides.map(
    (override) =>
      `${override.valuePlace.line}:${override.valuePlace.column} ${describeOverride(override)} = ${JSON.stringify(override.given)}`,
  );
}

describe('parameters', () => {
  it('are values or groups with values for guests, in file order', () => {
    expect(
      read(`
share: 25%
count: 7
mode: {value: fast}
room:
  guests: {"web-*": 1GiB, 7: 2GiB}
  labels: {db: 512MiB, 5: 1}
`),
    ).toEqual([
      '2:8 share = "25%"',
      '3:8 count = 7',
      '4:15 mode = "fast"',
      '6:21 room for guests web-* = "1GiB"',
      '6:30 room for guests 7 = "2GiB"',
      '7:16 room for label db = "512MiB"',
      '7:27 room for label 5 = 1',
    ]);
  });

  it.each(['', '# nothing\n', '~', '{}', 'share: {}', 'share: {labels: , guests: }'])('%j sets nothing', (text) => {
    expect(read(text)).toEqual([]);
  });

  it.each([
    ['[1]', 'p.yaml:1:1: a list is not a group such as {pressure_threshold: 25%}'],
    ['share:', 'p.yaml:1:7: share has no value; set one, or remove the key'],
    [
      'share: true',
      'p.yaml:1:8: share: true is not a number with or without a unit, a text, or a group such as {value: 25%, labels: {db: 40%}, guests: {"web-*": 10%}}',
    ],
    ['share: {vlue: 1}', 'p.yaml:1:15: share.vlue: unknown key "vlue"; did you mean "value"?'],
    ['share: {value: [1]}', 'p.yaml:1:16: share.value: a list is not a number with or without a unit, or a text'],
    ['share: {labels: db}', 'p.yaml:1:17: share.labels: "db" is not a group such as {db: 40%}'],
    [
      'share: {labels: {a b: 1}}',
      'p.yaml:1:23: share.labels.a b: "a b" is not a label: a letter or digit, then up to 63 letters, digits, _ . : or -',
    ],
    ['share: {guests: {"": 1}}', 'p.yaml:1:22: share.guests[""]: "" is not a name pattern of at most 256 characters'],
    ['share: 1\nshare: 2', 'p.yaml:2:1: the key "share" is a duplicate; the first is on line 1'],
    ['share: [', 'p.yaml:1:9: '],
    [
      'share: 1\n---\nshare: 2',
      'p.yaml:2:1: a second YAML document starts here; a parameters file holds one, so remove the "---"',
    ],
    [
      'share\nroom: 1',
      'p.yaml:1:1: this is neither a key nor a value; a key ends with a colon and a space, such as "pressure_threshold: 25%"',
    ],
    ['['.repeat(5000), 'p.yaml:1:65: is nested too deeply for a parameters file'],
  ])('%j is invalid', (text, problem) => {
    expect(read(text)).toEqual([expect.stringContaining(problem) as string]);
  });

  it('are reported with their key in the config', () => {
    const result = parseConfig('ballast.yaml', 'policy:\n  parameters:\n    share: {guests: 5}\n');
    expect('errors' in result && result.errors.map(renderProblem)).toEqual([
      'ballast.yaml:3:21: policy.parameters.share.guests: 5 is not a group such as {"web-*": 10%}',
    ]);
  });
});
