import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNITS } from '../../../../src/model/units.ts';
import { conversionAdvice, convertTo, type Measured } from '../../../../src/policy/types/conversion.ts';
import {
  common,
  COUNT,
  fits,
  measureOf,
  perSecond,
  PLAIN,
  product,
  RATIO,
  SECONDS,
  UNCLEAR,
  type Measure,
} from '../../../../src/policy/types/measure.ts';
import { SourceText } from '../../../../src/policy/text/source.ts';

const KIB = measureOf('KiB');
const PAGES = measureOf('pages');
const measures = fc.constantFrom(...UNITS.map(measureOf), UNCLEAR, perSecond(KIB), product(KIB, KIB, 1, null));

describe('units', () => {
  it.each([
    ['a size times a ratio', product(KIB, RATIO, 1, null), 'KiB'],
    ['a ratio times a size', product(RATIO, KIB, 1, null), 'KiB'],
    ['a size in a size', product(KIB, KIB, -1, null), 'ratio'],
    ['a size in a time', product(KIB, SECONDS, -1, null), 'KiB/s'],
    ['a rate for a time', product(perSecond(KIB), SECONDS, 1, null), 'KiB'],
    ['a size for each of so many', product(KIB, COUNT, -1, null), 'KiB'],
    ['so many in a time', perSecond(COUNT), 'per second'],
    ['so many of so many', product(COUNT, COUNT, -1, null), 'ratio'],
    ['a size squared', product(KIB, KIB, 1, null), 'KiB^2'],
    ['one by a size', product(RATIO, KIB, -1, null), '1/KiB'],
    ['plain numbers', product(PLAIN, PLAIN, 1, 4), 'plain'],
    ['a fifth of a size', product(KIB, PLAIN, 1, 0.2), 'KiB'],
    ['a plain number by a size', product(PLAIN, KIB, -1, null), 'unclear'],
    ['times a number that is not known', product(KIB, PLAIN, 1, null), 'unclear'],
  ])('%s', (_, measure, text) => {
    expect(measure.text).toBe(text);
  });

  it.each([4, 0.25, 1024, 1 / 1024, 1_048_576, 100, 0.01, 1000, 60, 3600, 86_400, -4])(
    'a factor of %d may convert to another unit',
    (factor) => {
      expect(product(PAGES, PLAIN, 1, factor)).toBe(UNCLEAR);
    },
  );

  it.each([0.2, 0.05, 1.1, 2, 3, 10, 0.1, 95, -1])('a factor of %d keeps the unit', (factor) => {
    expect(product(PAGES, PLAIN, 1, factor)).toBe(PAGES);
  });

  it('returns the same object for equal measures', () => {
    expect(product(product(KIB, SECONDS, -1, null), SECONDS, 1, null)).toBe(KIB);
    expect(product(SECONDS, KIB, 1, null)).toBe(product(KIB, SECONDS, 1, null));
  });

  it('compatibility is symmetric and reflexive', () => {
    fc.assert(
      fc.property(measures, measures, (a, b) => {
        expect(fits(a, a)).toBe(true);
        expect(fits(a, b)).toBe(fits(b, a));
        expect(fits(a, PLAIN) && fits(a, UNCLEAR)).toBe(true);
      }),
    );
  });

  it('the common measure does not depend on the order', () => {
    fc.assert(
      fc.property(measures, measures, measures, (a, b, c) => {
        expect(common(a, b)).toBe(common(b, a));
        expect(common(common(a, b), c)).toBe(common(a, common(b, c)));
        expect(common(a, PLAIN)).toBe(a);
      }),
    );
  });

  it('dividing and multiplying by the same measure cancels out', () => {
    const known = measures.filter(({ powers, text }) => powers !== null && text !== 'count');
    fc.assert(
      fc.property(known, known, (a, b) => {
        expect(product(product(a, b, -1, null), b, 1, null)).toBe(a);
      }),
    );
  });
});

describe('conversions', () => {
  const source = new SourceText({ file: 'a', text: 'k p s t' });
  const measured = (measure: Measure, text: string): Measured => {
    const start = source.text.indexOf(text);
    return { measure, text, span: { source, start, end: start + 1 } };
  };

  it('converts the larger unit and explains the factor', () => {
    const [kib, pages] = [measured(KIB, 'k'), measured(PAGES, 'p')];
    const want = {
      hint: 'a page is Host.page_size KiB: (* Host.page_size p)',
      fix: { wrong: 'p', right: '(* Host.page_size p)', span: pages.span },
    };
    expect(conversionAdvice(kib, pages)).toEqual(want);
    expect(conversionAdvice(pages, kib)).toEqual(want);
    expect(conversionAdvice(kib, measured(SECONDS, 's'))).toBeNull();
  });

  it('converts to the expected unit in either direction', () => {
    const hint = (value: Measured, wanted: Measure) => convertTo(value, wanted)?.hint;
    expect(hint(measured(SECONDS, 't'), measureOf('ms'))).toBe('a second is 1000 ms: (* 1000 t)');
    expect(hint(measured(measureOf('%'), 'p'), RATIO)).toBe('a ratio of 1 is 100 %: (/ p 100)');
  });

  it('has no fix for an operand that is too long to be shown', () => {
    const long = { ...measured(PAGES, 'p'), text: 'X' };
    expect(conversionAdvice(measured(KIB, 'k'), long)?.fix).toBeNull();
  });
});
