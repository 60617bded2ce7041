import { describe, expect, it } from 'vitest';
import { InvalidOptions, limitOf, parseFiles, parseOptions } from '../../real-host/density/options.ts';
import { resultsFile } from '../../real-host/density/results.ts';

describe('the options of test:density', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toEqual({
      guests: [5, 6, 7],
      guestMib: 1024,
      hostMib: 4096,
      policies: [
        'none',
        ...['balanced', 'mom-balloon', 'proxmox', 'squeezed'].map((name) => `policies/${name}.policy`),
      ],
      seed: 1,
      seconds: 60,
      rounds: 2,
      pace: 60,
      limit: 10,
      config: null,
    });
    expect(parseFiles([])).toEqual({ page: 'docs/density.md', json: null, from: null, logs: null, scenarios: null });
  });

  it('take lists of guests and policies, and always compare with none', () => {
    const options = parseOptions(['--guests', '8, 4,8', '--policy=a.policy,none,b.policy']);
    expect(options).toMatchObject({ guests: [4, 8], policies: ['none', 'a.policy', 'b.policy'] });
    expect(parseOptions(['--policy', 'none']).policies).toEqual(['none']);
  });

  it('say where results are', () => {
    expect(parseFiles(['--page', 'none'])).toMatchObject({ page: null });
    expect(resultsFile(parseFiles(['--json', 'a.json']))).toBe('a.json');
    expect(resultsFile(parseFiles(['--json', 'a.json', '--from', 'b.json']))).toBe('b.json');
    expect(resultsFile(parseFiles([]))).toMatch(/density\.json$/);
  });

  it('set another limit for a page of results only if they name one', () => {
    expect(limitOf([])).toBeNull();
    expect(limitOf(['--limit', '2.5'])).toBe(2.5);
  });

  it.each([
    [['--guests', '0'], "--guests takes a whole number from 1 to 64, not '0'."],
    [['--guests', '2.5'], "--guests takes a whole number from 1 to 64, not '2.5'."],
    [['--seconds', '1e3'], "--seconds takes a whole number from 10 to 86400, not '1e3'."],
    [['--guests', '5,'], "--guests takes a whole number from 1 to 64, not ''."],
    [['--limit', '101'], "--limit takes numbers from 0 to 100, not '101'."],
    [['--pace', '-1'], "'--pace' argument is ambiguous"],
    [['--gests', '4'], "Unknown option '--gests'"],
    [['four'], "Unexpected argument 'four'"],
  ])('%j is rejected', (args, message) => {
    expect(() => parseOptions(args)).toThrow(InvalidOptions);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
