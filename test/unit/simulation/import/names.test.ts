import { describe, expect, it } from 'vitest';
import { GuestNames } from '../../../../src/simulation/import/names.ts';

describe('names of guests of a scenario', () => {
  it('are those given, as far as a scenario can have them', () => {
    const names = new GuestNames();
    expect(['web-1', '__proto__', '', 'web-1', 'é', 'ü'].map((name) => names.take(name))).toEqual([
      'web-1',
      'x_proto__',
      'guest',
      'web-1.2',
      'x',
      'x.2',
    ]);
  });

  it('are different also if there are thousands of equal ones', () => {
    const names = new GuestNames();
    const taken = Array.from({ length: 10_000 }, () => names.take('a'.repeat(100)));
    expect(new Set(taken).size).toBe(10_000);
    expect(taken.every((name) => name.length <= 64)).toBe(true);
  });

  it('cannot control a terminal in the warning', () => {
    const names = new GuestNames();
    names.take('a\u001b[31m\u202eb');
    expect(names.lines()).toEqual([expect.stringContaining('"a\\u001b[31m\\u202eb"')]);
  });
});
