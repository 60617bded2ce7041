import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { loadPolicy } from '../../../../src/policy/index.ts';

const { vocabulary } = builtinPlugins();

describe('the type of an expression', () => {
  it.each([
    ['Host.mem_free', 'number of KiB'],
    ['Host.swap_in', 'number of pages, may be nil'],
    ['(Host.StatRate "mem_free")', 'number of KiB/s, may be nil'],
    ['(/ Host.mem_free Host.mem_available)', 'number, a ratio'],
    ['(> 1 Host.mem_free)', 'truth value'],
    ['Guests', 'list of (guest)'],
    ['(with Guests vm vm.balloon_cur)', 'list of (number of KiB)'],
    ['(first Guests)', 'guest, may be nil'],
    ['(if Host.mem_free 1 "a")', 'number or text'],
    ['(Host.GetVar "x")', 'anything that can be stored, may be nil'],
    ['nil', 'nil'],
    ['Host', 'the host'],
  ])('%s is a %s', (text, type) => {
    expect(loadPolicy([{ file: 'p', text }], { vocabulary }).types?.describe('p', 0, text.length)).toBe(type);
  });
});
