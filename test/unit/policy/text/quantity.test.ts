import { describe, expect, it } from 'vitest';
import { inBase, LITERAL_UNITS, quantityIn, readQuantity } from '../../../../src/policy/text/quantity.ts';

function baseOf(text: string): number {
  const quantity = readQuantity(text);
  if (!quantity) throw new Error(`no quantity: ${text}`);
  return inBase(quantity);
}

describe('a number with a unit', () => {
  it('is converted to a unit of its dimension', () => {
    expect(quantityIn('1KiB', 'bytes')).toEqual({ value: 1024 });
    expect(quantityIn('1s', 'us')).toEqual({ value: 1_000_000 });
    expect(quantityIn('100%', '%')).toEqual({ value: 100 });
    expect(quantityIn('1KiB', 'pages')).toBeNull();
    expect(quantityIn('1s', '%')).toBeNull();
  });

  it('is the double nearest to the written number', () => {
    for (let hundredths = 1; hundredths <= 2_000; hundredths += 1) {
      const text = (hundredths / 100).toFixed(2);
      expect(baseOf(`${text}%`)).toBe(Number(`${text}e-2`));
      expect(baseOf(`${text}ms`)).toBe(Number(`${text}e-3`));
      expect(baseOf(`${text}us`)).toBe(Number(`${text}e-6`));
      expect(quantityIn(`${text}%`, '%')).toEqual({ value: Number(text) });
      expect(quantityIn(`${text}us`, 'us')).toEqual({ value: Number(text) });
    }
    expect([baseOf('0.07%'), baseOf('0.07h'), baseOf('512bytes'), baseOf('-.5TiB')]).toEqual([
      0.0007,
      252,
      0.5,
      -(2 ** 29),
    ]);
  });

  it('keeps the sign of zero', () => {
    expect(baseOf('-0%')).toBe(-0);
  });

  it('allows no exponent, second point or space', () => {
    expect(
      ['1e3KiB', '1.2.3KiB', '1.KiB', '--1KiB', '1 KiB', 'KiB', '1', '1kib', ''].filter((text) => readQuantity(text)),
    ).toEqual([]);
  });

  it('has only units whose divisor divides a power of ten', () => {
    expect(LITERAL_UNITS.filter(({ per }) => 10 ** 10 % per !== 0)).toEqual([]);
  });
});
