import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withGuests, withMore } from '../../../../src/simulation/scenario/more.ts';
import { guestSpec, scenario } from '../specs.ts';

const named = (...names: string[]) => scenario(names.map((name) => guestSpec({ name })));
const namesOf = (count: number, ...names: string[]) =>
  withGuests(named(...names), count).guests.map(({ name }) => name);

describe('a scenario with another number of guests', () => {
  it('adds each guest once before any is added again, under a new name', () => {
    expect(namesOf(5, 'a', 'b').toSorted()).toEqual(['a', 'a.2', 'a.3', 'b', 'b.2']);
    expect(namesOf(3, 'a', 'a.2').toSorted()).toEqual(['a', 'a.2', 'a.3']);
    expect(withMore(named('a'), 1).guests).toHaveLength(2);
    expect(namesOf(0, 'a')).toEqual([]);
    expect(namesOf(3)).toEqual([]);
  });

  it('refuses more guests than are simulated', () => {
    expect(() => withMore(named('a', 'b'), 9999)).toThrow(
      /2 guests and 9999 more are too many: at most 10000 are simulated$/,
    );
  });

  it('keeps proportions to one guest', () => {
    const groups = [...Array<string>(20).fill('small'), ...Array<string>(10).fill('large')];
    const names = groups.map((group, at) => `${group}-${at}`);
    const few = namesOf(9, ...names).filter((name) => name.startsWith('small'));
    const more = namesOf(39, ...names).filter((name) => name.startsWith('small'));
    expect(Math.abs(few.length - 6)).toBeLessThanOrEqual(1);
    expect(Math.abs(more.length - 26)).toBeLessThanOrEqual(1);
  });

  it('has all guests of a smaller one, each name once', () => {
    const counts = fc.record({ guests: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 0, max: 150 }) });
    fc.assert(
      fc.property(counts, ({ guests, count }) => {
        const names = Array.from({ length: guests }, (_, at) => `guest-${at}`);
        const one = namesOf(count, ...names);
        const next = namesOf(count + 1, ...names);
        expect(next.slice(0, count)).toEqual(one);
        expect(new Set(next).size).toBe(count + 1);
      }),
    );
  });
});
