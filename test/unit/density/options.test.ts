import { describe, expect, it } from 'vitest';
import { InvalidOptions, parseOptions } from '../../real-host/density/options.ts';

describe('the options of test:density', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toEqual({
      guests: 4,
      guestMib: 768,
      loads: [0.9, 1.1, 1.4],
      policies: ['none', 'policies/mom-balloon.policy'],
      seed: 1,
      seconds: 120,
      rounds: 2,
      config: null,
      page: 'docs/density.md',
      json: null,
      logs: null,
    });
  });

  it('take lists of loads and policies, and always compare with none', () => {
    const options = parseOptions(['--load', '0.8, 2', '--policy=a.policy,none,b.policy', '--page', 'none']);
    expect(options).toMatchObject({ loads: [0.8, 2], policies: ['none', 'a.policy', 'b.policy'], page: null });
    expect(parseOptions(['--policy', 'none']).policies).toEqual(['none']);
  });

  it.each([
    [['--guests', '0'], "--guests takes a whole number from 1 to 64, not '0'."],
    [['--guests', '2.5'], "--guests takes a whole number from 1 to 64, not '2.5'."],
    [['--seconds', '1e3'], "--seconds takes a whole number from 10 to 86400, not '1e3'."],
    [['--load', '1.1,'], "--load takes numbers from 0.1 to 10, not ''."],
    [['--load', '-1'], "'--load' argument is ambiguous"],
    [['--gests', '4'], "Unknown option '--gests'"],
    [['four'], "Unexpected argument 'four'"],
  ])('%j is rejected', (args, message) => {
    expect(() => parseOptions(args)).toThrow(InvalidOptions);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
