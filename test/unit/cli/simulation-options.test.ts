import { describe, expect, it } from 'vitest';
import { moreOption, seedsOption } from '../../../src/cli/simulation-options.ts';

describe('options of simulations', () => {
  it.each([
    ['--seeds', seedsOption(1), 1],
    ['--more', moreOption(), 0],
  ])('%s is bounded, because all of it is in memory', (_, option, least) => {
    expect(option.parseArg!('10000', undefined)).toBe(10_000);
    for (const text of ['10001', '1000000', '-1', '1e3', 'NaN', '0x10', ''])
      expect(() => option.parseArg!(text, undefined) as unknown).toThrow(
        `expected a whole number from ${least} to 10000`,
      );
  });
});
