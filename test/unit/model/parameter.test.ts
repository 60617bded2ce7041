import { expect, test } from 'vitest';
import { mergeOverrides, type ParamOverride, type ParamTarget } from '../../../src/model/parameter.ts';

const all: ParamTarget = { kind: 'all' };
const label = (name: string): ParamTarget => ({ kind: 'label', label: name });
const guests = (pattern: string): ParamTarget => ({ kind: 'guest', pattern });

test('of two overrides for the same target the one in the first list counts', () => {
  const one = (given: string, target: ParamTarget): ParamOverride => ({ name: 'share', given, target });
  const merged = mergeOverrides(
    [one('1%', guests('a'))],
    [one('2%', all), one('3%', guests('a')), one('4%', label('a'))],
    [one('5%', all)],
  );
  expect(merged.map(({ given }) => given)).toEqual(['1%', '2%', '4%']);
});
