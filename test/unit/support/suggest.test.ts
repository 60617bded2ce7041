import { describe, expect, it } from 'vitest';
import { suggest } from '../../../src/support/suggest.ts';

describe('the suggested name', () => {
  it.each([
    ['a missing letter', 'restre', ['leave', 'restore'], 'restore'],
    ['an extra letter', 'histtory', ['history'], 'history'],
    ['two transposed letters', 'mni', ['max', 'min'], 'min'],
    ['two transposed letters of a two-letter name', 'fi', ['and', 'if'], 'if'],
    ['dashes instead of underscores', 'host-root', ['host_root'], 'host_root'],
    ['a missing underscore', 'hostroot', ['host_rate', 'host_root'], 'host_root'],
    ['camel case', 'memFree', ['mem_free'], 'mem_free'],
    ['different case', 'STATAVG', ['StatAvg'], 'StatAvg'],
    ['the nearest name, not the first', 'balloon_mex', ['balloon_min', 'balloon_max'], 'balloon_max'],
    ['the first of two names at the same distance', 'balloon_m', ['balloon_ma', 'balloon_mb'], 'balloon_ma'],
    ['a third of the letters differ', 'abcxyf', ['abcdef'], 'abcdef'],
    ['more than a third of the letters differ', 'abxyzf', ['abcdef'], null],
    ['an extra word', 'libvirt_uri', ['libvirt'], null],
    ['one letter for another', 'x', ['y'], null],
    ['punctuation', '_', ['-', '+'], null],
    ['no candidates', 'x', [], null],
  ])('%s: %s among %j', (_case, name, candidates, meant) => {
    expect(suggest(name, candidates)).toBe(meant);
  });

  it('is not searched among thousands of names, or for a text', () => {
    const many = Array.from({ length: 5001 }, (_, at) => `name_${at}`);
    expect(suggest('name_1x', many)).toBeNull();
    expect(suggest('name_1x', many.slice(0, 100))).toBe('name_1');
    expect(suggest('x'.repeat(101), ['x'.repeat(100)])).toBeNull();
  });
});
