import { expect, it } from 'vitest';
import { durationText } from '../../../src/model/duration-text.ts';

it.each([
  [-1, '0 s'],
  [0, '0 s'],
  [40, '0 s'],
  [300, '0.3 s'],
  [5000, '5 s'],
  [9949, '9.9 s'],
  [9960, '10 s'],
  [119_400, '119 s'],
  [119_600, '2 min'],
  [7_199_000, '120 min'],
  [7_200_000, '2 h'],
  [86_400_000, '24 h'],
])('%d ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));
