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
      fc.property(fc.array(number), (numbers) => {
        const bins = of(numbers);
        expect(parseBins(binsText(bins))).toEqual(bins);
        expect(compacted(expanded(bins))).toEqual(bins);
      }),
    );
  });

  it('counts numbers beyond its range in its last bins', () => {
    expect(percentileOf([of([Number.MAX_VALUE])], 1)).toBeGreaterThan(1e19);
    expect(percentileOf([of([1e-9])], 1)).toBe(0);
  });

  it.each([
    ['a bin without a count', Buffer.from([1, 2, 3]).toString('base64')],
    ['a count of nothing', Buffer.from([128, 16, 0]).toString('base64')],
    ['a bin twice', Buffer.from([128, 16, 1, 0, 1]).toString('base64')],
    ['a bin out of range', Buffer.from([1, 1]).toString('base64')],
    ['a number without an end', Buffer.from([128, 16, 255]).toString('base64')],
    ['a number of four bytes', Buffer.from([128, 128, 128, 1, 1]).toString('base64')],
    ['too many bins', Buffer.from([128, 16, 1, ...Array.from({ length: 2 * MOST_BINS }, () => 1)]).toString('base64')],
  ])('refuses %s', (_, text) => {
    expect(parseBins(text)).toBe(null);
  });

  it('reads any text without failing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseBins(text)));
  });
});
