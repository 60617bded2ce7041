import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binsText,
  compacted,
  countIn,
  expanded,
  MOST_BINS,
  numbersIn,
  parseBins,
  percentileOf,
  type Bins,
  type OpenBins,
} from '../../../src/support/histogram.ts';

function of(numbers: readonly number[]): Bins {
  const open: OpenBins = new Map();
  for (const number of numbers) countIn(open, number);
  return compacted(open);
}

function exact(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

const number = fc.oneof(
  fc.constant(0),
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.integer({ min: 0, max: 5000 }),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('histogram', () => {
  it('finds any percentile within 2 %, in one histogram or several', () => {
    fc.assert(
      fc.property(fc.array(fc.array(number, { maxLength: MOST_BINS }), { minLength: 1 }), share, (parts, at) => {
        const all = parts.flat();
        const found = percentileOf(parts.map(of), at);
        if (all.length === 0) {
          expect(found).toBe(null);
          return;
        }
        const wanted = exact(all, at);
        expect(Math.abs(found! - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 0.0201 + 1e-6);
      }),
    );
  });

  it('keeps what is frequent exact when it has to merge bins', () => {
    const spikes = Array.from({ length: 100 }, (_, at) => 1.05 ** at * 10);
    const bins = of([...Array.from({ length: 900 }, () => 0), ...spikes]);
    expect(bins.length).toBe(MOST_BINS);
    expect(numbersIn([bins])).toBe(1000);
    expect(percentileOf([bins], 0.9)).toBe(0);
    expect(percentileOf([bins], 1)! / spikes.at(-1)!).toBeCloseTo(1, 0);
  });

  it('comes back from its text and from its compact form', () => {
    fc.assert(
      fc.property(fc.array(fc.array(number)), (hours) => {
        const all = hours.map((numbers) => (numbers.length === 0 ? null : of(numbers)));
        expect(parseBins(binsText(all))).toEqual(all);
        for (const bins of all) if (bins !== null) expect(compacted(expanded(bins))).toEqual(bins);
      }),
    );
  });

  it('counts numbers beyond its range in its last bins', () => {
    expect(percentileOf([of([Number.MAX_VALUE])], 1)).toBeGreaterThan(1e19);
    expect(percentileOf([of([1e-9])], 1)).toBe(0);
  });

  it.each([
    ['a bin without a count', [1, 128, 16]],
    ['fewer bins than it says', [2, 128, 16, 1]],
    ['a count of nothing', [1, 128, 16, 0]],
    ['a bin twice', [2, 128, 16, 1, 0, 1]],
    ['a bin out of range', [1, 1, 1]],
    ['a number without an end', [1, 128, 16, 255]],
    ['a number of four bytes', [1, 128, 128, 128, 1, 1]],
    ['too many bins', [MOST_BINS + 1, 128, 16, 1, ...Array.from({ length: 2 * MOST_BINS }, () => 1)]],
  ])('refuses %s', (_, bytes) => {
    expect(parseBins(Buffer.from(bytes).toString('base64'))).toBe(null);
  });

  it('reads any text without failing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseBins(text)));
  });
});
