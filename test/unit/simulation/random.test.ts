import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/simulation/random.ts';

const some = (random: Random, count = 1000) => Array.from({ length: count }, () => random.next());

describe('seeded numbers', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(some(new Random('1'))).toEqual(some(new Random('1')));
    expect(some(new Random('1'))).not.toEqual(some(new Random('2')));
  });

  it('do not depend on what was drawn from the stream that they were split from', () => {
    const one = new Random('1');
    const before = some(one.split('guest web'));
    some(one);
    expect(some(one.split('guest web'))).toEqual(before);
  });

  it('are spread evenly, also over streams whose names differ in one letter', () => {
    const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    expect(mean(some(new Random('1'), 10_000))).toBeCloseTo(0.5, 1);
    const firsts = Array.from({ length: 1000 }, (_, at) => new Random('1').split(`guest ${at}`).next());
    expect(mean(firsts)).toBeCloseTo(0.5, 1);
    expect(new Set(firsts).size).toBe(1000);
    expect(Math.min(...firsts)).toBeLessThan(0.01);
    expect(Math.max(...firsts)).toBeGreaterThan(0.99);
  });

  it('have the mean that was asked for', () => {
    const random = new Random('1');
    const waits = Array.from({ length: 10_000 }, () => random.exponential(60));
    expect(waits.reduce((sum, each) => sum + each, 0) / waits.length).toBeCloseTo(60, -1);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  });
});
