import { describe, expect, it } from 'vitest';
import { suggest } from '../../../src/support/suggest.ts';

describe('the suggested name', () => {
  it.each([
    ['a letter too few', 'restre', ['leave', 'restore'], 'restore'],
    ['a letter too many', 'histtory', ['history'], 'history'],
    ['two letters that changed places', 'mni', ['max', 'min'], 'min'],
    ['the same in a name of two letters', 'fi', ['and', 'if'], 'if'],
    ['dashes for underscores', 'host-root', ['host_root'], 'host_root'],
    ['no underscore', 'hostroot', ['host_rate', 'host_root'], 'host_root'],
    ['words set off by capitals', 'memFree', ['mem_free'], 'mem_free'],
    ['other capitals', 'STATAVG', ['StatAvg'], 'StatAvg'],
    ['the nearest, not the first', 'balloon_mex', ['balloon_min', 'balloon_max'], 'balloon_max'],
    ['the first of two that are as near', 'balloon_m', ['balloon_ma', 'balloon_mb'], 'balloon_ma'],
    ['a third of the letters', 'abcxyf', ['abcdef'], 'abcdef'],
    ['more than a third', 'abxyzf', ['abcdef'], null],
    ['a word more', 'libvirt_uri', ['libvirt'], null],
    ['one letter for another', 'x', ['y'], null],
    ['a sign', '_', ['-', '+'], null],
    ['nothing known', 'x', [], null],
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
