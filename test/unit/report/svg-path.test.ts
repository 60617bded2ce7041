import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barsOf, bucketsOf, sizeText } from '../../../src/report/browser/decode.ts';
import { areaPath, barsPath, rangePath } from '../../../src/report/svg-path.ts';

const TOP = 1000;
const value = fc.option(fc.integer({ min: 0, max: TOP }), { nil: null, freq: 4 });

describe('the paths of charts', () => {
  it('give back the range of each bucket, and gaps', () => {
    const bucket = fc.option(fc.tuple(fc.integer({ min: 0, max: TOP }), fc.integer({ min: 0, max: 3 })), {
      nil: null,
      freq: 4,
    });
    fc.assert(
      fc.property(fc.array(bucket, { maxLength: 40 }), (buckets) => {
        const ranges = buckets.map((each) => each && ([each[0], Math.min(TOP, each[0] + each[1])] as const));
        const path = rangePath(
          { lows: ranges.map((each) => each?.[0] ?? null), highs: ranges.map((each) => each?.[1] ?? null) },
          TOP,
        );
        expect(bucketsOf(path, buckets.length, TOP)).toEqual(ranges);
      }),
    );
  });

  it('give back areas and bars', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.array(fc.boolean(), { maxLength: 40 }), (values, bars) => {
        expect(bucketsOf(areaPath(values, TOP), values.length, TOP)).toEqual(
          values.map((each) => (each === null ? null : [each, each])),
        );
        expect(barsOf(barsPath(bars), bars.length)).toEqual(bars);
      }),
    );
  });

  it('are short where nothing changes', () => {
    const lows = new Array<number>(720).fill(300);
    expect(rangePath({ lows, highs: lows }, TOP)).toBe('M0 700h720');
  });

  it.each([
    [0, '0 KiB'],
    [1023.9, '1 MiB'],
    [4 * 1024 * 1024, '4 GiB'],
    [2.71 * 1024, '2.71 MiB'],
    [123.4 * 1024 ** 3, '123 TiB'],
    [5000 * 1024 ** 3, '5000 TiB'],
  ])('%d KiB is %s', (kib, text) => expect(sizeText(kib)).toBe(text));
});
