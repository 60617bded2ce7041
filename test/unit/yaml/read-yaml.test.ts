import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../../src/yaml/problem.ts';
import { readYaml } from '../../../src/yaml/read-yaml.ts';

const KIND = { name: 'shopping list', example: 'eggs: 6' };

describe('messages', () => {
  it.each([
    [
      'eggs: 6\n---\neggs: 7',
      'f:2:1: a second YAML document starts here; a shopping list holds one, so remove the "---"',
    ],
    ['['.repeat(100), 'f:1:65: is nested too deeply for a shopping list'],
    [
      'eggs\nmilk: 1',
      'f:1:1: this is neither a key nor a value; a key ends with a colon and a space, such as "eggs: 6"',
    ],
    [
      '# ours\nKSM_MONITOR_INTERVAL=15\nKSM_NPAGES_MAX=$((25 * 1000))',
      'f:2:1: this is a file of shell settings such as ksmtuned.conf, not a shopping list; to come from ksmtuned, run the shipped ksmtuned.policy and write its settings as parameters (policy.parameters): "KSM_MONITOR_INTERVAL: 15" (docs/replacing-mom.md)',
    ],
    [
      'EGGS=6',
      'f:1:1: this is a file of shell settings such as ksmtuned.conf, not a shopping list; write "NAME: VALUE" in place of "EGGS=…"',
    ],
    [
      '[main]\nmain-loop-interval: 5',
      'f:1:1: this is an INI file such as MOM\'s mom.conf, not a shopping list; its settings become keys in YAML, such as "eggs: 6" (docs/replacing-mom.md)',
    ],
    [
      '(debug 1)',
      'f:1:1: this is a policy, not a shopping list; name policies under "policy" in the config, or with --policy',
    ],
    ['<eggs/>', 'f:1:1: this is XML, not a shopping list; it is made of keys and values in YAML, such as "eggs: 6"'],
  ])('name the kind of file: %j', (text, message) => {
    expect(readYaml('f', text, KIND).problems.map(renderProblem)).toContain(message);
  });
});

describe('a text that needs quotes', () => {
  it.each([
    ['a: *-test', 'f:1:4: a text that begins with * needs quotes: write "*-test"'],
    ['a: {b: *-test, c: 1}', 'f:1:8: a text that begins with * needs quotes: write "*-test"'],
    ['a: *', 'f:1:4: a text that begins with * needs quotes: write "*"'],
    ['a: @x', 'f:1:4: a text that begins with @ needs quotes: write "@x"'],
    ['a: {b: ${h}}\nc: 1', 'f:1:8: ${h} needs quotes here, because { begins a group: write "${h}"'],
    ['a: [${h}, 1]', 'f:1:5: ${h} needs quotes here, because { begins a group: write "${h}"'],
    ['a: {b: c: d}', 'f:1:8: a text that contains a colon and a space needs quotes here'],
  ])('is the only problem: %j', (text, message) => {
    expect(readYaml('f', text, KIND).problems.map(renderProblem)).toEqual([message]);
  });
});

describe('a tab', () => {
  it('is reported once', () => {
    expect(readYaml('f', 'a:\n\tb: 1\n\tc: 2', KIND).problems.map(renderProblem)).toEqual([
      'f:2:1: a tab cannot indent YAML; use spaces',
    ]);
  });
});

describe('places', () => {
  const { yaml } = readYaml('f', 'eggs: 6\nmilk:\n  - {fat: 1%}\n  - 2\n', KIND);

  it.each([
    [[], '1:1', '1:1'],
    [['eggs'], '1:1', '1:7'],
    [['milk', 0, 'fat'], '3:6', '3:11'],
    [['milk', 1], '4:5', '4:5'],
    [['milk', 0, 'sugar'], '3:5', '3:5'],
    [['bread'], '1:1', '1:1'],
  ])('of %j', (path, key, value) => {
    const shown = ({ line, column }: { line: number; column: number }) => `${line}:${column}`;
    expect([shown(yaml!.keyAt(path)), shown(yaml!.valueAt(path))]).toEqual([key, value]);
  });
});

it('refuses what would take seconds to parse', () => {
  const refused = (text: string) => readYaml('f', text, KIND).problems.map(({ message }) => message);
  expect(refused('a: 1\n'.repeat(60_000))).toEqual([
    'has too many keys, values and signs up to here for a shopping list',
  ]);
  expect(refused(`a: "${'\\x'.repeat(50_000)}"`)).toEqual(['this quoted text is too long for a shopping list']);
});
