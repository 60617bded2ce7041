import { expect, test } from 'vitest';
import { strayUnitIn } from '../../../../src/policy/text/meant-unit.ts';
import { SourceText } from '../../../../src/policy/text/source.ts';

test.each([
  ['5 seconds', 's'],
  ['5 milliseconds', 'ms'],
  ['512 mb', 'MiB'],
  ['5 m', 'min'],
  ['5 M', 'MiB'],
  ['5 minuets', null],
  ['5 constructor', null],
])('%s: %s', (text, meant) => {
  const source = new SourceText({ file: 'p', text });
  const space = text.indexOf(' ');
  const found = strayUnitIn([
    { span: { source, start: 0, end: space } },
    { span: { source, start: space + 1, end: text.length } },
  ]);
  expect(found?.right ?? null).toBe(meant);
});
