import { expect, test } from 'vitest';
import { numberText } from '../../../src/model/number-text.ts';
import { scalarText } from '../../../src/model/scalar-text.ts';

test.each([
  [403400.39999999997, '403400.4'],
  [94.11590075613096, '94.12'],
  [0.1 + 0.2, '0.3'],
  [0.16543210987, '0.1654'],
  [-1.2345678, '-1.235'],
  [1234.5678, '1234.6'],
  [123456789012345.67, '123456789012346'],
  [1e-9 / 3, '3.333e-10'],
  [524288, '524288'],
  [1e21, '1e+21'],
  [-0, '0'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
])('%d is shown as %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

test('lists of numbers are short, too', () => {
  expect(scalarText([1 / 3, 2])).toBe('[0.3333,2]');
});
