import { expect, it } from 'vitest';
import { labellerOf } from '../../../src/config/guest-labels.ts';

const RULES = [
  { match: 'db-*', labels: ['tier-1', 'db'] },
  { match: '*-test', labels: ['test'] },
  { match: '*', labels: ['all', 'db'] },
];

it("adds the labels of all matching rules to the guest's own, sorted and without duplicates", () => {
  const labels = labellerOf(RULES);
  expect(labels('db-1', '')).toBe('all db tier-1');
  expect(labels('db-test', 'own')).toBe('all db own test tier-1');
  expect(labels('web', 'a db')).toBe('a all db');
  expect(labels('db-1', '')).toBe('all db tier-1');
});

it('distinguishes guests with the same name by their own labels', () => {
  const labels = labellerOf(RULES);
  expect(['', 'x', 'y', 'x'].map((own) => labels('web', own))).toEqual(['all db', 'all db x', 'all db y', 'all db x']);
});

it("returns the guest's own labels without rules", () => {
  expect(labellerOf([])('web', 'a b')).toBe('a b');
  expect(labellerOf([{ match: 'db', labels: ['db'] }])('web', '')).toBe('');
});

it('still works for more guests than it caches', () => {
  const labels = labellerOf(RULES);
  for (let n = 0; n < 45_000; n++) labels(`web-${n}`, '');
  expect(labels('db-0', 'own')).toBe('all db own tier-1');
});
