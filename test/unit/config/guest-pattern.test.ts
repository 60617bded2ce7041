import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloonMinFor } from '../../../src/config/guest-pattern.ts';
import { matchesPattern } from '../../../src/model/guest-pattern.ts';

describe('a guest pattern', () => {
  it.each([
    ['web-*', 'web-1', true],
    ['web-*', 'web-', true],
    ['web-*', 'my-web-1', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['w?b', 'web', true],
    ['w?b', 'wb', false],
    ['*-db', 'a-db-db', true],
    ['*a*b*c', 'xxaxxbxxc', true],
    ['*a*b*c', 'xxbxxaxxc', false],
    ['web', 'WEB', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['(x', '(x', true],
    ['?', '😀', true],
    ['**', 'anything', true],
  ])('%j for %j: %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const letters = (...all: string[]) =>
      fc.array(fc.constantFrom(...all), { maxLength: 12 }).map((some) => some.join(''));
    fc.assert(
      fc.property(letters('a', 'b', '*', '?'), letters('a', 'b'), (pattern, name) => {
        const regular = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matchesPattern(pattern, name)).toBe(regular.test(name));
      }),
    );
  });

  it('takes linear time for patterns that make backtracking matchers hang', () => {
    expect(matchesPattern('*a'.repeat(128), 'a'.repeat(20_000) + 'b')).toBe(false);
  });
});

it('the first rule that matches sets the floor; without a match there is none', () => {
  const rules = [
    { match: 'web-*', minKib: 1 },
    { match: 'web-1', minKib: 2 },
    { match: 'db?', minKib: 0 },
  ];
  expect(['web-1', 'db1', 'other'].map((name) => balloonMinFor(rules, name))).toEqual([1, 0, null]);
});
