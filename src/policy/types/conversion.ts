import type { Measure } from './measure.ts';

interface Conversion {
  readonly from: string;
  readonly to: string;
  /** One of `from` is this many of `to`: a number, or the field that has it. */
  readonly factor: number | string;
  readonly equation: string;
}

const CONVERSIONS: readonly Conversion[] = [
  { from: 'pages', to: 'KiB', factor: 'Host.page_size', equation: 'a page is Host.page_size KiB' },
  { from: 'KiB', to: 'bytes', factor: 1024, equation: 'a KiB is 1024 bytes' },
  { from: 's', to: 'ms', factor: 1_000, equation: 'a second is 1000 ms' },
  { from: 'ms', to: 'us', factor: 1_000, equation: 'a millisecond is 1000 us' },
  { from: 's', to: 'us', factor: 1_000_000, equation: 'a second is 1000000 us' },
  { from: 'ratio', to: '%', factor: 100, equation: 'a ratio of 1 is 100 %' },
];

/** An operand: its measure and its text, if that is short enough for a hint. */
export interface Measured {
  readonly measure: Measure;
  readonly text: string;
}

/** Hint for converting two operands to one unit; null when there is no conversion. Converts the larger unit, which avoids fractions. */
export function conversionHint(a: Measured, b: Measured): string | null {
  return hintFrom(a, b) ?? hintFrom(b, a) ?? rateHint(a, b) ?? rateHint(b, a) ?? shareHint(a) ?? shareHint(b);
}

/** Hint for converting a value to the expected unit. */
export function convertTo(value: Measured, wanted: Measure): string | null {
  const found = conversion(value.measure, wanted);
  if (found) return `${found.equation}: (* ${found.factor} ${value.text})`;
  const back = conversion(wanted, value.measure);
  return back && `${back.equation}: (/ ${value.text} ${back.factor})`;
}

/** Hint for a share where an amount is expected. */
export function shareOf({ measure, text }: Measured, total: string | null): string | null {
  if (total === null || measure.text !== 'ratio') return null;
  return `a share of an amount: (* ${text === 'X' ? 'SHARE' : text} ${total})`;
}

function hintFrom(a: Measured, b: Measured): string | null {
  const found = conversion(a.measure, b.measure);
  return found && `${found.equation}: (* ${found.factor} ${a.text})`;
}

/** For a literal amount beside a rate: it is probably meant per second. */
function rateHint(rate: Measured, amount: Measured): string | null {
  if (rate.measure.text !== `${amount.measure.text}/s` || !isWritten(amount)) return null;
  return `as an amount per second: (/ ${amount.text} 1s)`;
}

function shareHint({ measure, text }: Measured): string | null {
  return measure.text === 'ratio' && isWritten({ measure, text })
    ? `for a share of a total, write (* ${text} TOTAL)`
    : null;
}

function isWritten({ text }: Measured): boolean {
  return /^-?[0-9.]+[A-Za-z%]*$/.test(text);
}

function conversion(a: Measure, b: Measure): Conversion | null {
  return CONVERSIONS.find(({ from, to }) => a.text === from && b.text === to) ?? null;
}
