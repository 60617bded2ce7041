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
  ])('name the kind of file: %j', (text, message) => {
    expect(readYaml('f', text, KIND).problems.map(renderProblem)).toContain(message);
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
