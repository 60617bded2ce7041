import { describe, expect, it } from 'vitest';
import { Counters, perSecond } from '../../../src/host/counters.ts';

const HOUR = 3_600_000;

describe('counters', () => {
  it('return the increase since the last call, each under its own name', () => {
    const counters = new Counters();
    expect(counters.update('a', 100, 1000)).toBeNull();
    expect(counters.update('b', 7, 1000)).toBeNull();
    expect(counters.update('a', 150, 3000)).toEqual({ gained: 50, elapsedMs: 2000 });
    expect(counters.update('a', 150, 4000)).toEqual({ gained: 0, elapsedMs: 1000 });
  });

  it('start over when the counter or the clock goes backwards', () => {
    const counters = new Counters();
    counters.update('a', 100, 1000);
    expect(counters.update('a', 10, 2000)).toBeNull();
    expect(counters.update('a', 30, 1500)).toBeNull();
    expect(counters.update('a', 31, 1500)).toBeNull();
    expect(counters.update('a', 40, 2500)).toEqual({ gained: 9, elapsedMs: 1000 });
  });

  it('forget names that are no longer read', () => {
    const counters = new Counters();
    counters.update('gone', 1, HOUR);
    counters.update('kept', 1, HOUR * 1.5);
    counters.update('kept', 2, HOUR * 2.1);
    expect(counters.update('gone', 2, HOUR * 2.2)).toBeNull();
    expect(counters.update('kept', 3, HOUR * 2.2)?.gained).toBe(1);
  });

  it('become rates', () => {
    expect(perSecond({ gained: 5, elapsedMs: 2000 })).toBe(2.5);
    expect(perSecond(null)).toBeNull();
  });
});
