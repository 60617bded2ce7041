import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeGuestName } from '../../../src/model/guest-name.ts';
import { escapeControls } from '../../../src/model/text.ts';

describe('a guest name in a message', () => {
  it.each(['web-1', 'one-1217', 'Ubuntu_22.04', 'größe', '虚拟机', '😀', 'a:b', 'a%s{}'])('%s is unchanged', (name) => {
    expect(safeGuestName(name)).toBe(name);
  });

  it.each([
    ['a b', 'a\\x20b'],
    ['a\nb', 'a\\x0ab'],
    ['a\r\tb', 'a\\x0d\\x09b'],
    ['\u001b[2J', '\\x1b[2J'],
    ['\u009b31m', '\\x9b31m'],
    ['a\u007f\u0000', 'a\\x7f\\x00'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['\u2066a\u2069', '\\u2066a\\u2069'],
    ['a\u00a0b\u3000c', 'a\\xa0b\\u3000c'],
    ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['a\\x20b', 'a\\\\x20b'],
    ['\\', '\\\\'],
  ])('%j becomes %s', (name, safe) => {
    expect(safeGuestName(name)).toBe(safe);
  });

  const anyName = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...' \n\r\t\\x20\u001b\u0085\u2028\u202e'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });

  it('is always one word without control characters', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(safeGuestName(name)).not.toMatch(/[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  it('never looks like another name', () => {
    fc.assert(
      fc.property(anyName, anyName, (one, other) => {
        expect(safeGuestName(one) === safeGuestName(other)).toBe(one === other);
      }),
    );
  });
});

it('escaped text keeps its spaces and backslashes, but no line breaks or terminal controls', () => {
  expect(escapeControls('C:\\a b\n\u001b[31m\u202e\u2028')).toBe('C:\\a b\\n\\x1b[31m\\u202e\\u2028');
});
