import { expect, it } from 'vitest';
import { expired, type RotatedFile } from '../../../src/recording/expired.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const file = (name: string, hours: number, bytes = 1): RotatedFile => ({ name, bytes, endMs: NOW - hours * HOUR });
const WEEK = { keep: 2, keepMs: 168 * HOUR, keepBytes: 100 };

it.each<[string, readonly RotatedFile[], readonly string[]]>([
  [
    'a few restarts delete nothing of last night',
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, at) => file(name, 9 - at)),
    [],
  ],
  ['older files are deleted', [file('old', 200), file('a', 100), file('b', 50), file('c', 1)], ['old']],
  ['the newest ones are kept whatever their age', [file('a', 900), file('b', 800), file('c', 700)], ['a']],
  ['all together have a size', [file('a', 3, 40), file('b', 2, 40), file('c', 1, 40)], ['a']],
  ['even the newest ones', [file('a', 2, 60), file('b', 1, 200)], ['b', 'a']],
])('%s', (_, files, deleted) => {
  expect(expired(files, NOW, WEEK)).toEqual(deleted);
  expect(expired(files.toReversed(), NOW, WEEK)).toEqual(deleted);
});

it('a daemon that starts again and again does not fill the directory with small files', () => {
  const many = Array.from({ length: 10_003 }, (_v, at) => file(`f${at}`, at / 1_000));
  expect(expired(many, NOW, { ...WEEK, keepBytes: 1e12 })).toEqual(['f10000', 'f10001', 'f10002']);
});
