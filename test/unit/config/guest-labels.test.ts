import { expect, it } from 'vitest';
import { labellerOf } from '../../../src/config/guest-labels.ts';

const RULES = [
  { match: 'db-*', labels: ['tier-1', 'db'] },
  { match: '*-test', labels: ['test'] },
  { match: '*', labels: ['all', 'db'] },
];

it('adds the labels of all rules that match to the guest’s own, sorted and each once', () => {
  const labels = labellerOf(RULES);
  expect(labels('db-1', '')).toBe('all db tier-1');
  expect(labels('db-test', 'own')).toBe('all db own test tier-1');
  expect(labels('web', 'a db')).toBe('a all db');
  expect(labels('db-1', '')).toBe('all db tier-1');
});

it('tells guests of one name apart by their own labels', () => {
  const labels = labellerOf(RULES);
  expect(['', 'x', 'y', 'x'].map((own) => labels('web', own))).toEqual(['all db', 'all db x', 'all db y', 'all db x']);
});

it('without rules a guest has its own', () => {
  expect(labellerOf([])('web', 'a b')).toBe('a b');
  expect(labellerOf([{ match: 'db', labels: ['db'] }])('web', '')).toBe('');
});

it('goes on when it has seen more guests than it remembers', () => {
  const labels = labellerOf(RULES);
  for (let n = 0; n < 45_000; n++) labels(`web-${n}`, '');
  expect(labels('db-0', 'own')).toBe('all db own tier-1');
});
