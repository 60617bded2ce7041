import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISK_LIMITS, disksIn, disksText, limitsIn, limitsText, MAX_DISKS } from '../../../src/model/disk-tuning.ts';

const limits = fc.dictionary(fc.constantFrom(...DISK_LIMITS), fc.nat({ max: 1e15 }));
const disk = fc.oneof(fc.constantFrom('vda', 'sdb', '/srv/a b;c=1%20.img'), fc.string({ minLength: 1, maxLength: 30 }));

describe('limits of disks as text', () => {
  it('is read back as it was written, whatever the disks are called', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(disk, limits), { maxLength: 6 }), (pairs) => {
        const byDisk = new Map(pairs.map(([name, all]) => [name, { ...all }] as const));
        expect(limitsIn(limitsText(byDisk))).toEqual(byDisk);
      }),
    );
  });

  it('looks like this', () => {
    const byDisk = new Map([
      ['vda', { total_iops_sec: 1000, total_bytes_sec: 0 }],
      ['/a b', { read_bytes_sec: 5 }],
    ]);
    expect(limitsText(byDisk)).toBe('vda total_bytes_sec=0 total_iops_sec=1000; /a%20b read_bytes_sec=5');
  });

  it.each([
    ['vda total_iops=1', /^"total_iops=1" is not a limit such as total_iops_sec=1000; there are /],
    ['vda total_iops_sec', /^"total_iops_sec" is not a limit/],
    ['vda __proto__=1', /^"__proto__=1" is not a limit/],
    ['%zz total_iops_sec=1', /^"%zz" is not the name of a disk$/],
    [Array.from({ length: MAX_DISKS + 1 }, (_, at) => `d${at}`).join(';'), /^more than 64 disks$/],
  ])('says what is wrong with %s', (text, message) => {
    expect(limitsIn(text)).toMatch(message);
  });
});

describe('disks in a field', () => {
  const one = { name: 'vda', path: null, guaranteed: {}, maximum: { total_iops_sec: 100 }, current: {} };

  it('are read back', () => expect(disksIn(disksText([one]))).toEqual([one]));

  it.each(['', 'x', '{}', 'null', '5', JSON.stringify(Array.from({ length: MAX_DISKS + 1 }, () => one))])(
    'are none in a text such as %.20s',
    (text) => expect(disksIn(text)).toBeNull(),
  );

  it('leaves out what is no disk and no limit', () => {
    const odd = [
      null,
      5,
      { name: '' },
      { name: 'vdb', maximum: { total_iops_sec: 'many', read_bytes_sec: 7, other: 1 } },
    ];
    expect(disksIn(JSON.stringify(odd))).toEqual([
      { name: 'vdb', path: null, guaranteed: {}, maximum: { read_bytes_sec: 7 }, current: {} },
    ]);
    expect(disksIn(5)).toBeNull();
  });
});
