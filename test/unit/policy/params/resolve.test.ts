import { describe, expect, test } from 'vitest';
import type { ParamTarget } from '../../../../src/model/parameter.ts';
import { bindOverrides, loadPolicy, ParamResolver } from '../../../../src/policy/index.ts';

const { program } = loadPolicy([{ file: 'p', text: '(param share 20% :min 1% :max 90%)' }]);
const all: ParamTarget = { kind: 'all' };
const label = (name: string): ParamTarget => ({ kind: 'label', label: name });
const guests = (pattern: string): ParamTarget => ({ kind: 'guest', pattern });

function resolverOf(...overrides: readonly (readonly [ParamTarget, string])[]): ParamResolver {
  const { bound, wrong } = bindOverrides(
    program!,
    overrides.map(([target, given]) => ({ name: 'share', target, given })),
  );
  expect(wrong).toEqual([]);
  return new ParamResolver(bound);
}

const guest = (name: string, labels = '') => ({ name, uuid: `uuid of ${name}`, props: { name, labels } });

function shareOf(resolver: ParamResolver, name: string, labels = ''): number | string | undefined {
  const { values, guests: own } = resolver.resolve([guest(name, labels)]);
  return own.get('share')?.get(`uuid of ${name}`) ?? values.get('share');
}

describe('ParamResolver', () => {
  test('uses the first matching pattern, then the first label, then the value for all, then the default', () => {
    const resolver = resolverOf(
      [label('b'), '2%'],
      [all, '1%'],
      [guests('web-*'), '5%'],
      [label('a'), '3%'],
      [guests('web-1'), '6%'],
    );
    expect(shareOf(resolver, 'web-1', 'a b')).toBe(0.05);
    expect(shareOf(resolver, 'db', 'a b')).toBe(0.02);
    expect(shareOf(resolver, 'db', 'a')).toBe(0.03);
    expect(shareOf(resolver, 'db', 'ab')).toBe(0.01);
    expect(shareOf(resolverOf([label('a'), '3%']), 'db')).toBeUndefined();
  });

  test('follows changes of names, labels and guests', () => {
    const resolver = resolverOf([label('a'), '3%'], [guests('web-*'), '5%']);
    const own = (...present: ReturnType<typeof guest>[]) =>
      Object.fromEntries(resolver.resolve(present).guests.get('share') ?? []);
    expect(own(guest('x', 'a'), guest('y'))).toEqual({ 'uuid of x': 0.03 });
    expect(own(guest('x'), guest('y'))).toEqual({});
    expect(own(guest('x', 'a'), { ...guest('y'), name: 'web-y' })).toEqual({ 'uuid of x': 0.03, 'uuid of y': 0.05 });
    expect(own({ ...guest('y'), name: 'web-y' })).toEqual({ 'uuid of y': 0.05 });
  });

  test('returns the same object while nothing changes', () => {
    const resolver = resolverOf([label('a'), '3%'], [all, '7%']);
    const first = resolver.resolve([guest('x', 'a'), guest('y')]);
    expect(resolver.resolve([guest('x', 'a'), guest('y')])).toBe(first);
    expect(resolver.resolve([guest('x', 'a'), guest('y', 'a')])).not.toBe(first);
  });
});
