import { describe, expect, it } from 'vitest';
import { MEASURES } from '../../../src/comparison/measures.ts';
import { measureText } from '../../../src/report/measure-text.ts';

describe('a figure of a simulation', () => {
  it.each([
    [0, '0 GiB h'],
    [0.05, '51.2 MiB h'],
    [-0.05, '-51.2 MiB h'],
    [0.1, '0.1 GiB h'],
    [7.46, '7.5 GiB h'],
  ])('of %s GiB hours is not written as nothing: %s', (value, text) => {
    expect(
      measureText(
        MEASURES.find(({ key }) => key === 'balloon')!,
        value,
      ),
    ).toBe(text);
  });
});
