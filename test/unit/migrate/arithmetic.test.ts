import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculate } from '../../../src/migrate/arithmetic.ts';

describe("the shell's arithmetic", () => {
  it.each([
    ['25 * 1000', 25_000],
    [' -50 ', -50],
    ['2*(3+4)-1', 13],
    ['7/2', 3],
    ['-7/2', -3],
    ['7%4', 3],
    ['0', 0],
    ['-0', 0],
    ['5/0', null],
    ['010', null],
    ['0x10', null],
    ['1.5', null],
    ['A', null],
    ['$(id)', null],
    ['1 2', null],
    ['(1', null],
    ['', null],
    ['9007199254740993', null],
    ['('.repeat(50) + '1' + ')'.repeat(50), null],
    ['1'.repeat(201), null],
  ])('%s is %s', (text, value) => expect(calculate(text)).toBe(value));

  it('never throws, and returns whole numbers only', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789+-*/%() '), maxLength: 40 }), (text) => {
        const value = calculate(text);
        expect(value === null || Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });
});
